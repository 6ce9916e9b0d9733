"""Changes of items with a price of the catalogue: tiers, versions, drafts, restarts and later bills."""

from typing import Any

import pytest

from tests.aws import TABLE, AwsCalls
from tests.builders import item_json
from tests.catalogue import TIERS, new_price
from tests.conftest import Clock
from tests.functions.subscriptions.test_change_subscription import change, nets, quantity, set_clock
from tests.functions.test_settled_changes import march
from tests.gateway import Client
from tests.newer import change_row
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, subscribe

UNKNOWN = "prc_01JD8X2V6PZ3QK7M5T9WRC4HBN"


def plan(api: Client, code: str, amount: str, **fields: Any) -> str:
    """A monthly price of a product of its own."""
    return new_price(api, {"code": code}, model="flat", amounts={"EUR": {"unit_amount": amount}}, **fields)


def to_price(item: dict[str, Any], price: str, **fields: Any) -> dict[str, Any]:
    return {"op": "set", "item_id": item["id"], "price_id": price, **fields}


def test_more_units_are_charged_and_fewer_are_credited(api: Client, at: Clock) -> None:
    made = march(api, at, {"price_id": new_price(api), "quantity": "5"})
    [item] = made["items"]
    assert nets(change(api, made, quantity(item, "8")).ok()) == ("0.00", "30.19", "30.19")
    set_clock(at, "2026-03-25T12:00")
    assert nets(change(api, made, quantity(item, "4")).ok()) == ("24.78", "0.00", "-24.78")
    [first, charge, *_] = invoices(api, made)
    [line] = charge["lines"]
    assert (line["name"], line["price_id"], line["price_version"]) == (
        "Platz, 3 ×, 26 von 31 Tagen",
        item["price_id"],
        1,
    )
    assert first["lines"][0]["net"] == "60.00"


def test_each_tier_is_a_layer_of_its_own(api: Client, at: Clock) -> None:
    """Of 12 units, 2 × 8.00 and 2 × 10.00 are credited for 26 days."""
    made = march(api, at, {"price_id": new_price(api, **TIERS), "quantity": "12"})
    [item] = made["items"]
    assert nets(change(api, made, quantity(item, "8")).ok()) == ("30.19", "0.00", "-30.19")
    set_clock(at, "2026-03-25T12:00")
    answer = change(api, made, quantity(item, "11")).ok()
    assert nets(answer) == ("0.00", "14.45", "14.45")
    charge = api.get(f"/invoices/{answer['invoice_id']}").ok()
    assert [(one["name"], one["price_tier"], one["net"]) for one in charge["lines"]] == [
        ("Platz, bis 10, 2 ×, 16 von 31 Tagen", 1, "10.32"),
        ("Platz, über 10, 1 ×, 16 von 31 Tagen", 2, "4.13"),
    ]
    [row] = periods(api, made)
    assert sorted(one["price_part"] for one in row["items"]) == ["units.1", "units.1", "units.2", "units.2"]


def test_another_price_ends_the_one_before(api: Client, at: Clock) -> None:
    """The plan of the contract's example, with prices of the catalogue."""
    basic, pro = plan(api, "BASIC", "49.00"), plan(api, "PRO", "99.00")
    set_clock(at, "2026-02-28T12:00")
    made = subscribe(
        api,
        items=[{"price_id": basic}],
        start_date="2026-01-31",
        anchor={"day": 31},
        catch_up="bill",
        action="finalize",
    )
    bill(api, made)
    set_clock(at, "2026-03-15T12:00")
    [item] = made["items"]
    planned = change(api, made, to_price(item, pro), dry_run=True).ok()
    answer = change(api, made, to_price(item, pro)).ok()
    assert nets(planned) == nets(answer) == ("25.29", "51.10", "25.81")
    after = now_of(api, made)
    assert (after["items"][0]["id"], after["items"][0]["price_id"]) == (item["id"], pro)
    assert after["price_ids"] == sorted([basic, pro])
    bill_at(api, at, "2026-03-31T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made) if one["type"] == "invoice"] == [
        "49.00", "49.00", "51.10", "99.00",
    ]  # fmt: skip


def test_the_named_price_has_its_version_of_that_day(api: Client, at: Clock) -> None:
    price = new_price(api)
    made = march(api, at, {"price_id": price})
    [item] = made["items"]
    api.post(
        f"/prices/{price}/versions", {"valid_from": "2026-03-20", "amounts": {"EUR": {"unit_amount": "43.00"}}}
    ).ok()
    set_clock(at, "2026-03-25T12:00")
    kept = change(api, made, quantity(item, "2")).ok()
    assert nets(kept)[1] == "6.19"
    answer = change(api, made, to_price(item, price)).ok()
    assert (answer["items"][0]["price_version"], nets(answer)) == (2, ("12.38", "44.39", "32.01"))
    assert [one["price_version"] for one in now_of(api, made)["items"]] == [2]


def test_p25_a_restart_bills_a_full_quarter(api: Client, at: Clock) -> None:
    quarter = {"unit": "month", "count": 3}
    old, new = plan(api, "OLD", "300.00", interval=quarter), plan(api, "NEW", "600.00", interval=quarter)
    set_clock(at, "2025-01-01T12:00")
    made = subscribe(api, items=[{"price_id": old}], action="finalize")
    bill(api, made)
    set_clock(at, "2025-02-15T12:00")
    answer = change(api, made, to_price(made["items"][0], new), anchor="restart").ok()
    assert nets(answer) == ("150.00", "600.00", "450.00")
    assert now_of(api, made)["tracks"][0]["next"]["start"] == "2025-05-15"


def test_a_draft_keeps_the_prices_of_its_lines(api: Client, at: Clock) -> None:
    price = new_price(api, **TIERS)
    made = march(api, at, {"price_id": price, "quantity": "12"}, action="draft", anchor={"day": 1})
    change(api, made, quantity(made["items"][0], "9")).ok()
    [draft] = invoices(api, made)
    assert sorted((one["name"], one["net"], one["price_id"]) for one in draft["lines"]) == [
        ("Platz, bis 10, 10 ×, 5 von 31 Tagen", "16.13", price),
        ("Platz, bis 10, 9 ×, 17 von 31 Tagen", "49.35", price),
        ("Platz, über 10, 2 ×, 5 von 31 Tagen", "2.58", price),
    ]


def test_a_draft_with_a_minimum_can_be_read_after_a_change(api: Client, at: Clock) -> None:
    """59.62 up to the minimum of 22 days: 5 days of it are left, and 17 days of another amount follow."""
    price = new_price(api, **TIERS, minimum={"EUR": "200.00"})
    made = march(api, at, {"price_id": price, "quantity": "12"}, action="draft", anchor={"day": 1})
    change(api, made, quantity(made["items"][0], "9")).ok()
    [draft] = invoices(api, made)
    of_minimum = [one for one in draft["lines"] if "Mindestbetrag" in one["name"]]
    assert [(one["quantity"], one["price_base_quantity"], one["net"]) for one in of_minimum] == [
        ("5", "22", "13.55"),
        ("17", "31", "60.32"),
    ]


def test_a_draft_with_repeating_digits_can_be_read(api: Client, at: Clock) -> None:
    """An earlier release stored the price of 10 ÷ 31 units. Both quantities are multiplied, and the amount stays."""
    made = march(api, at, item_json("Plan", "31.00"), action="draft")
    [draft] = invoices(api, made)

    def repeat(content: Any) -> Any:
        [line] = content["lines"]
        line |= {"quantity": "1", "price_base_quantity": f"0.{'3225806451612903' * 4}"}
        return content

    change_row(TABLE, "invoice_content", draft["id"], repeat)
    [line] = api.get(f"/invoices/{draft['id']}").ok()["lines"]
    assert (line["quantity"], line["price_base_quantity"], line["net"]) == ("31", "10", "31.00")
    [line] = api.patch(f"/invoices/{draft['id']}", {"closing": "Danke"}).ok()["lines"]
    assert (line["quantity"], line["price_base_quantity"], line["net"]) == ("31", "10", "96.10")
    api.post(f"/invoices/{draft['id']}/finalize").ok()


def test_a_scheduled_price_is_billed_as_previewed(api: Client, at: Clock) -> None:
    basic, pro = plan(api, "BASIC", "49.00"), plan(api, "PRO", "99.00")
    made = march(api, at, {"price_id": basic}, action="draft")
    answer = change(api, made, to_price(made["items"][0], pro), at="date", on="2026-04-20").ok()
    assert (answer["status"], answer["items"][0]["price_version"]) == ("scheduled", 1)
    assert api.delete(f"/products/{api.get(f'/prices/{pro}').ok()['product_id']}").code == "PRODUCT_IN_USE"
    [previewed] = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"]
    bill_at(api, at, "2026-04-10T12:00", made)
    lines = invoices(api, made)[1]["lines"]
    assert [one["net"] for one in previewed["invoice"]["lines"]] == [one["net"] for one in lines] == ["16.33", "66.00"]
    assert [one["price_id"] for one in lines] == [basic, pro]
    assert now_of(api, made)["items"][0]["price_id"] == pro


def test_arrears_are_billed_by_the_prices_of_each_day(api: Client, at: Clock) -> None:
    basic, pro = (plan(api, code, amount, timing="arrears") for code, amount in (("A", "31.00"), ("B", "62.00")))
    made = march(api, at, {"price_id": basic, "price_policy": "next_period"})
    change(api, made, to_price(made["items"][0], pro)).ok()
    api.post(f"/prices/{pro}/versions", {"valid_from": "2026-04-10", "amounts": {"EUR": {"unit_amount": "93.00"}}}).ok()
    bill_at(api, at, "2026-05-10T12:00", made)
    assert [[one["net"] for one in invoice["lines"]] for invoice in invoices(api, made)] == [
        ["5.00", "52.00"],
        ["93.00"],
    ]
    assert [one["price_version"] for one in now_of(api, made)["items"]] == [2]


def test_added_prices_are_charged_and_begin_their_tracks(api: Client, at: Clock) -> None:
    """365.00 for 360 days of the year, and the minimum of 31.00 for 26 days of the month."""
    made = march(api, at, item_json("Plan", "31.00"))
    yearly = plan(api, "DOMAIN", "365.00", interval={"unit": "year", "count": 1})
    seats = {"op": "add", "item": {"price_id": new_price(api, minimum={"EUR": "31.00"}), "quantity": "2"}}
    answer = change(api, made, seats, {"op": "add", "item": {"price_id": yearly}}).ok()
    assert nets(answer) == ("0.00", "386.00", "386.00")
    assert {one["interval"]["unit"] for one in now_of(api, made)["tracks"]} == {"month", "year"}
    bill_at(api, at, "2026-04-10T12:00", made)
    [*_, latest] = invoices(api, made)
    assert [one["net"] for one in latest["lines"]] == ["31.00", "24.00", "7.00"]


def test_a_released_period_is_billed_without_added_units(api: Client, at: Clock) -> None:
    made = march(api, at, {"price_id": new_price(api, **TIERS), "quantity": "9"})
    change(api, made, quantity(made["items"][0], "12")).ok()
    [first] = [one for one in invoices(api, made) if one["number"] == "INV-2026-000001"]
    api.post(f"/invoices/{first['id']}/cancel").ok()
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10", {"action": "bill"}).ok()
    [again] = [one for one in invoices(api, made) if one["number"] == "INV-2026-000003"]
    assert [(one["name"], one["net"]) for one in again["lines"]] == [
        ("Platz, bis 10, 9 ×, 5 von 31 Tagen", "14.52"),
        ("Platz, bis 10, 9 ×, 26 von 31 Tagen", "75.48"),
    ]


def test_an_archived_price_is_not_agreed_again(api: Client, at: Clock) -> None:
    price = new_price(api)
    made = march(api, at, {"price_id": price, "quantity": "5"}, item_json("Plan", "31.00"))
    api.patch(f"/prices/{price}", {"archived_at": "2026-03-15T12:00:00Z"}).ok()
    refused = change(api, made, to_price(made["items"][0], price))
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("PRICE_ARCHIVED", "/items/0/price_id")
    assert nets(change(api, made, quantity(made["items"][0], "6")).ok())[1] == "10.06"
    assert nets(change(api, made, {"op": "remove", "item_id": made["items"][0]["id"]}).ok())[0] == "60.38"


def test_a_kept_line_is_not_billed_again_for_a_new_tax(api: Client, at: Clock) -> None:
    price = new_price(api, tax={"category": "S", "rate": "19"})
    made = march(api, at, {"price_id": price, "quantity": "5"})
    api.post(f"/prices/{price}/versions", {"valid_from": "2026-04-01", "tax": {"category": "S", "rate": "16"}}).ok()
    answer = change(api, made, quantity(made["items"][0], "8")).ok()
    assert answer["credit_note_ids"] == []
    assert (answer["charge"]["net"], answer["charge"]["tax"]) == ("30.19", "4.83")


def test_a_priced_change_reads_prices_in_few_calls(api: Client, at: Clock, aws: AwsCalls) -> None:
    made = march(api, at, {"price_id": new_price(api), "quantity": "5"})
    with aws.only("change_subscription") as calls:
        change(api, made, quantity(made["items"][0], "8")).ok()
    assert calls.names.total() <= 9


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"price_id": UNKNOWN}, "/items/0/price_id"),
        ({"price_id": "yearly"}, "/items/0/price_id"),
        ({"price_id": "flat"}, "/items/0/quantity"),
        ({"price_id": "dollars"}, "/items/0/price_id"),
        ({"line": item_json("Plan", "1.00")["line"]}, "/items/0/line"),
        ({"price_id": "flat", "line": item_json("Plan", "1.00")["line"]}, "/items/0"),
    ],
)
def test_a_price_that_does_not_fit_is_refused(api: Client, at: Clock, body: dict[str, Any], pointer: str) -> None:
    named = {
        "yearly": lambda: plan(api, "YEARLY", "9.00", interval={"unit": "year", "count": 1}),
        "flat": lambda: plan(api, "FLAT", "9.00"),
        "dollars": lambda: new_price(api, {"code": "USD"}, amounts={"USD": {"unit_amount": "9.00"}}),
    }
    made = march(api, at, {"price_id": new_price(api), "quantity": "5"})
    price = body.get("price_id")
    filled = body | ({"price_id": named[price]()} if price in named else {})
    answer = change(api, made, {"op": "set", "item_id": made["items"][0]["id"], **filled})
    assert answer.json["errors"][0]["pointer"] == pointer


def test_added_items_are_checked_like_first_ones(api: Client, at: Clock) -> None:
    made = march(api, at, item_json("Plan", "31.00"))
    setup = plan(api, "SETUP", "9.00", interval=None)
    refused = change(api, made, {"op": "add", "item": {"price_id": setup}})
    assert refused.json["errors"][0]["pointer"] == "/items/0/item/once"
    policy = {"price_id": new_price(api), "price_policy": "renewal"}
    refused = change(api, made, {"op": "add", "item": policy})
    assert refused.json["errors"][0]["pointer"] == "/items/0/item/price_policy"
    priced = {"op": "set", "item_id": made["items"][0]["id"], "price_id": setup}
    assert change(api, made, priced).json["errors"][0]["pointer"] == "/items/0/price_id"
    fee = {"op": "add", "item": {"price_id": setup, "once": True}}
    assert nets(change(api, made, fee).ok()) == ("0.00", "9.00", "9.00")
