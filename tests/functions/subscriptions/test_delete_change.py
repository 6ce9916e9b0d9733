"""DELETE /subscriptions/{subscription_id}/changes/{change_id}."""

from typing import Any

import pytest

from tests.builders import item_json
from tests.conftest import Clock
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, subscribe


def schedule(api: Client, subscription: dict[str, Any], *items: dict[str, Any], **body: object) -> dict[str, Any]:
    path = f"/subscriptions/{subscription['id']}/changes"
    made: dict[str, Any] = api.post(path, {"items": list(items), "at": "period_end", **body}).ok()
    return made


def test_a_deleted_change_never_applies(api: Client, at: Clock) -> None:
    made = subscribe(api, items=[item_json("Plan", "31.00")])
    change = schedule(api, made, {"op": "set", "item_id": made["items"][0]["id"], "quantity": "2"})
    after = api.delete(f"/subscriptions/{made['id']}/changes/{change['id']}").ok()
    assert (after["changes"], after["next_change_on"]) == ([], None)
    bill_at(api, at, "2026-04-10T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["31.00", "31.00"]


@pytest.mark.parametrize("kept", [0, 1])
def test_a_deleted_restart_leaves_the_periods_of_the_other(api: Client, kept: int) -> None:
    made = subscribe(api, items=[item_json("Plan", "31.00")])
    changed = {"op": "set", "item_id": made["items"][0]["id"], "quantity": "2"}
    days = ["2026-03-20", "2026-03-25"]
    found = [schedule(api, made, changed, anchor="restart", at="date", on=day) for day in days]
    assert [one["until"] for one in now_of(api, made)["earlier_anchors"]] == ["2026-03-19", "2026-03-24"]
    after = api.delete(f"/subscriptions/{made['id']}/changes/{found[1 - kept]['id']}").ok()
    assert [one["until"] for one in after["earlier_anchors"]] == [["2026-03-19", "2026-03-24"][kept]]
    assert after["tracks"][0]["next"]["end"] == after["earlier_anchors"][0]["until"]


def test_a_change_in_force_stays(api: Client) -> None:
    made = subscribe(api, items=[item_json("Plan", "31.00")])
    bill(api, made)
    item = {"op": "set", "item_id": made["items"][0]["id"], "quantity": "2"}
    path = f"/subscriptions/{made['id']}/changes"
    in_force = api.post(path, {"items": [item]}).ok()["id"]
    assert api.delete(f"{path}/{in_force}").code == "INVALID_STATE"
    assert api.delete(f"{path}/chg_00000000000000000000000000").code == "CHANGE_NOT_FOUND"


def test_an_item_that_another_change_names_stays_scheduled(api: Client) -> None:
    made = subscribe(api, items=[item_json("Plan", "31.00")])
    added = schedule(api, made, {"op": "add", "item": item_json("Hotline", "19.00")})
    later = {"op": "remove", "item_id": added["items"][0]["item_id"]}
    schedule(api, made, later, at="date", on="2026-06-01")
    refused = api.delete(f"/subscriptions/{made['id']}/changes/{added['id']}")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/items/0/item_id")
