"""Changes that follow the rule of a product family: upgrades and downgrades by the rank of the products."""

from typing import Any

import pytest

from tests.builders import item_json
from tests.catalogue import new_price
from tests.conftest import Clock
from tests.functions.subscriptions.test_change_subscription import change, nets, quantity, set_clock
from tests.functions.test_changed_prices import plan, to_price
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, subscribe


def family(api: Client, *codes: str, **rules: Any) -> None:
    """The families of the company, all with these rules."""
    families = [{"code": code, "name": code, **rules} for code in codes]
    api.patch("/tenant", {"product_families": families}).ok()


def ranked(api: Client, code: str, amount: str, rank: int, family: str = "plans", **fields: Any) -> str:
    """A monthly price of a product with a rank in a family."""
    product = {"code": code, "family": family, "rank": rank}
    return new_price(api, product, model="flat", amounts={"EUR": {"unit_amount": amount}}, **fields)


def january(api: Client, at: Clock, *items: dict[str, Any]) -> dict[str, Any]:
    """A subscription that is billed for January, on the 15th."""
    set_clock(at, "2026-01-01T12:00")
    made = subscribe(api, items=list(items), action="finalize")
    bill(api, made)
    set_clock(at, "2026-01-15T12:00")
    return made


def test_s03_a_downgrade_waits_for_the_end_of_the_period(api: Client, at: Clock) -> None:
    family(api, "plans")
    pro, basic = ranked(api, "PRO", "99.00", 2), ranked(api, "BASIC", "29.00", 1)
    made = january(api, at, {"price_id": pro})
    answer = change(api, made, to_price(made["items"][0], basic)).ok()
    assert (answer["status"], answer["on"], nets(answer)) == ("scheduled", "2026-02-01", ("0.00", "0.00", "0.00"))
    bill_at(api, at, "2026-02-01T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["99.00", "29.00"]


@pytest.mark.parametrize(("stated", "on"), [("now", "2026-01-15"), ("family", "2026-02-01")])
def test_a_stated_day_replaces_the_rule(api: Client, at: Clock, stated: str, on: str) -> None:
    family(api, "plans")
    made = january(api, at, {"price_id": ranked(api, "PRO", "99.00", 2)})
    wanted = to_price(made["items"][0], ranked(api, "BASIC", "29.00", 1))
    assert change(api, made, wanted, at=stated, dry_run=True).ok()["on"] == on


@pytest.mark.parametrize(
    ("stated", "anchor", "following"), [({}, "restart", "02-15"), ({"anchor": "keep"}, "keep", "02-01")]
)
def test_an_upgrade_restarts_if_its_rule_does(
    api: Client, at: Clock, stated: dict[str, Any], anchor: str, following: str
) -> None:
    family(api, "plans", upgrade={"at": "now", "anchor": "restart"})
    made = january(api, at, {"price_id": ranked(api, "BASIC", "29.00", 1)})
    answer = change(api, made, to_price(made["items"][0], ranked(api, "PRO", "99.00", 2)), **stated).ok()
    assert (answer["on"], answer["anchor"]) == ("2026-01-15", anchor)
    assert now_of(api, made)["tracks"][0]["next"]["start"] == f"2026-{following}"


def test_one_removed_and_one_added_of_a_family_is_a_move(api: Client, at: Clock) -> None:
    family(api, "plans")
    made = january(api, at, {"price_id": ranked(api, "PRO", "99.00", 2)})
    yearly = ranked(api, "BASIC", "290.00", 1, interval={"unit": "year", "count": 1})
    swap = [{"op": "remove", "item_id": made["items"][0]["id"]}, {"op": "add", "item": {"price_id": yearly}}]
    assert change(api, made, *swap).ok()["on"] == "2026-02-01"
    bill_at(api, at, "2026-02-01T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["99.00", "265.37"]


def test_other_changes_apply_at_once(api: Client, at: Clock) -> None:
    family(api, "plans", "addons")
    pro, seats = ranked(api, "PRO", "99.00", 2), new_price(api)
    made = january(api, at, {"price_id": pro}, {"price_id": seats}, item_json("Plan", "31.00"))
    item = made["items"][0]
    same_rank, outside = ranked(api, "PRO2", "9.00", 2), ranked(api, "ADDON", "9.00", 1, family="addons")
    others = [
        quantity(made["items"][1], "2"), to_price(item, same_rank), to_price(item, outside),
        to_price(item, plan(api, "FREE", "9.00")), {"op": "remove", "item_id": item["id"]},
    ]  # fmt: skip
    for wanted in others:
        assert change(api, made, wanted, dry_run=True).ok()["on"] == "2026-01-15"


def test_different_rules_are_refused(api: Client, at: Clock) -> None:
    family(api, "plans")
    basic, pro = ranked(api, "BASIC", "29.00", 1), ranked(api, "PRO", "99.00", 2)
    made = january(api, at, {"price_id": basic}, {"price_id": pro})
    first, second = made["items"]
    moves = to_price(first, pro), to_price(second, basic)
    refused = change(api, made, *moves)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/at")
    assert change(api, made, *moves, at="now").ok()["on"] == "2026-01-15"
