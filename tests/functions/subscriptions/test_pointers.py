"""Refusals of requests about subscriptions and billing runs name the field to correct."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import customer_json, item_json, subscription_json
from tests.catalogue import new_price
from tests.conftest import Clock
from tests.gateway import Client
from tests.subscriptions import bill, subscribe

GOOD = item_json("Wartung", "50.00")
NO_SUBJECT = "01KKBSWHG00000000000000000"


def named(api: Client, method: Callable[..., Any], path: str, body: dict[str, Any]) -> list[str]:
    """The pointers of a refusal."""
    answer = method(path, body)
    assert answer.status in (400, 404, 409, 422), answer.text
    return [one["pointer"] for one in answer.json["errors"]]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"customer_id": f"cus_{NO_SUBJECT}"}, "/customer_id"),
        ({"items": []}, "/items"),
        ({"items": [GOOD, {"timing": "advance"}]}, "/items/1"),
        ({"items": [GOOD, {"price_id": f"prc_{NO_SUBJECT}"}]}, "/items/1/price_id"),
        ({"items": [GOOD, item_json("Pflege", "1.00", quantity="0")]}, "/items/1/quantity"),
        ({"items": [item_json("Pflege", "-1.00")]}, "/items/0/line/unit_price"),
        ({"items": [GOOD, item_json("Pflege", "9" * 12, quantity="9" * 9)]}, "/items"),
        (
            {"items": [GOOD, item_json("Pflege", "1.00", interval={"unit": "day", "count": 0})]},
            "/items/1/interval/count",
        ),
        (
            {"items": [GOOD, item_json("Pflege", "1.00", start_date="2026-05-01", end_date="2026-04-01")]},
            "/items/1/end_date",
        ),
        ({"texts": {"title": "{quantity}"}}, "/texts/title"),
        ({"texts": {"closing": "{period.last}"}}, "/texts/closing"),
        ({"items": [GOOD, item_json("Pflege {period.mont}", "1.00")]}, "/items/1/line/name"),
        ({"items": [GOOD, item_json("Pflege", "1.00", end_date="2026-03-09")]}, "/items/1/end_date"),
        ({"items": [GOOD, item_json("Pflege", "1.00", start_date="2026-03-09")]}, "/items/1/start_date"),
        (
            {
                "items": [GOOD, item_json("Pflege", "1.00", start_date="2026-04-10")],
                "term": {"unit": "month"},
                "renewal": {"mode": "end"},
            },
            "/items/1/start_date",
        ),
        ({"anchor": {"day": 32}}, "/anchor/day"),
        ({"anchor": {"month": 4}}, "/anchor/day"),
        ({"anchor": {"weekday": 1}}, "/anchor/weekday"),
        ({"anchor": {"day": 1}, "items": [item_json("Woche", "1.00", interval={"unit": "week"})]}, "/anchor/day"),
        ({"renewal": {"mode": "renew"}}, "/term"),
        ({"start_date": "2026-04-01", "trial_end": "2026-03-20"}, "/trial_end"),
        ({"start_date": "2026-01-01"}, "/catch_up"),
        ({"start_date": "2020-01-01", "catch_up": "bill"}, "/start_date"),
        ({"notice": {"count": 3}}, "/notice/unit"),
        ({"discount": {"amount": "500.00"}}, "/discount/amount"),
        (
            {"items": [GOOD, item_json("Pflege", "1.00", timing="arrears")], "occurrences": {"max": 3}},
            "/occurrences/max",
        ),
        ({"external_id": "taken"}, "/external_id"),
        ({"hour": 24}, "/hour"),
    ],
)
def test_a_refused_subscription_names_its_field(api: Client, body: dict[str, Any], pointer: str) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    subscribe(api, customer_id=customer, external_id="taken")
    assert named(api, api.post, "/subscriptions", subscription_json(**{"customer_id": customer, **body})) == [pointer]


@pytest.mark.parametrize(
    ("price", "item", "field", "pointer"),
    [
        ({"archived": True}, {}, {}, "/items/1/price_id"),
        ({}, {}, {"currency": "CHF"}, "/items/1/price_id"),
        ({"price_tax_inclusive": True}, {}, {}, "/items/1/price_id"),
        ({}, {"interval": {"unit": "year", "count": 1}}, {}, "/items/1/interval"),
        ({}, {"timing": "arrears"}, {}, "/items/1/timing"),
    ],
)
def test_a_refused_price_names_its_field(
    api: Client, price: dict[str, Any], item: dict[str, Any], field: dict[str, Any], pointer: str
) -> None:
    archived = price.pop("archived", False)
    price_id = new_price(api, **price)
    if archived:
        api.patch(f"/prices/{price_id}", {"archived_at": "2026-03-01T00:00:00Z"}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    body = subscription_json(customer_id=customer, items=[GOOD, {"price_id": price_id, **item}], **field)
    assert named(api, api.post, "/subscriptions", body) == [pointer]


SET = {"op": "set", "quantity": "2"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [SET, {"op": "set", "item_id": f"sit_{NO_SUBJECT}", "quantity": "2"}]}, "/items/1/item_id"),
        ({"items": [SET, SET]}, "/items/1/item_id"),
        ({"items": [{"op": "set"}]}, "/items/0"),
        ({"items": [{"op": "set", "quantity": "0"}]}, "/items/0/quantity"),
        ({"items": [SET, {"op": "add"}]}, "/items/1"),
        ({"items": [SET, {"op": "add", "item": {"price_id": f"prc_{NO_SUBJECT}"}}]}, "/items/1/item/price_id"),
        (
            {"items": [SET, {"op": "add", "item": item_json("Pflege", "1.00", end_date="2026-01-01")}]},
            "/items/1/item/end_date",
        ),
        (
            {"items": [SET, {"op": "add", "item": item_json("Pflege", "1.00", start_date="2026-01-01")}]},
            "/items/1/item/start_date",
        ),
        ({"items": [SET], "at": "date"}, "/on"),
        ({"items": [SET], "at": "now", "on": "2026-03-20"}, "/on"),
        ({"items": [SET], "at": "date", "on": "2026-03-09"}, "/on"),
    ],
)
def test_a_refused_change_names_its_field(api: Client, body: dict[str, Any], pointer: str) -> None:
    made = subscribe(api)
    bill(api, made)
    item = {"item_id": made["items"][0]["id"]}
    items = [one if one["op"] == "add" else item | one for one in body["items"]]
    assert named(api, api.post, f"/subscriptions/{made['id']}/changes", body | {"items": items}) == [pointer]


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("patch", "", {"hour": 24}, "/hour"),
        ("patch", "", {"items": []}, "/items"),
        ("patch", "", {"occurrences": {"max": 0}}, "/occurrences/max"),
        ("put", "/cancellation", {"at": "date"}, "/on"),
        ("put", "/cancellation", {"at": "earliest", "on": "2026-05-05"}, "/on"),
        ("put", "/cancellation", {"at": "date", "on": "2026-01-01"}, "/on"),
        ("post", "/pause", {"from": "2026-05-01", "until": "2026-04-01"}, "/until"),
        ("post", "/resume", {"bill": "yes"}, "/bill"),
        ("post", "/periods/1m-advance.2026-03-10", {}, "/action"),
        ("post", "/periods/1m-advance.2026-03-10", {"action": "release"}, "/action"),
    ],
)
def test_a_refused_setting_names_its_field(
    api: Client, method: str, path: str, body: dict[str, Any], pointer: str
) -> None:
    made = subscribe(api)
    assert named(api, getattr(api, method), f"/subscriptions/{made['id']}{path}", body) == [pointer]


def test_a_refusal_by_a_rule_names_a_field(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request is valid as such, and a rule of the business refuses it."""
    made = subscribe(api, action="send", items=[GOOD])
    bill(api, made)
    path = f"/subscriptions/{made['id']}"
    more = {"items": [{**SET, "item_id": made["items"][0]["id"]}]}
    api.patch(f"/customers/{made['customer_id']}", {"emails": []}).ok()

    def refused(method: Callable[..., Any], path: str, body: dict[str, Any]) -> list[tuple[str, str]]:
        answer = method(path, body)
        assert answer.status == 422, answer.text
        return [(one["code"], one["pointer"]) for one in answer.json["errors"]]

    assert refused(api.post, f"{path}/changes", more) == [("NO_RECIPIENT", "/action")]
    api.patch(path, {"action": "finalize"}).ok()
    with monkeypatch.context() as small:
        small.setattr("invoicing.subscriptions.changing.documents.MAX_WRITES", 5)
        assert refused(api.post, f"{path}/changes", more) == [("DOCUMENT_TOO_LARGE", "/on")]
    assert refused(api.put, f"{path}/cancellation", {"confirm": True}) == [("NO_RECIPIENT", "/confirm")]
    assert refused(api.patch, path, {"action": "send"}) == [("NO_RECIPIENT", "/action")]
    assert refused(api.post, "/billing-runs", {"source": "subscriptions"}) == [("NOTHING_TO_BILL", "/up_to")]
    api.patch("/tenant", {"books_closed_until": "2026-03-10"}).ok()
    assert refused(api.post, f"{path}/changes", more) == [("BOOKS_CLOSED", "/at")]
    dated = {**more, "at": "date", "on": "2026-03-10"}
    assert refused(api.post, f"{path}/changes", dated) == [("BOOKS_CLOSED", "/on")]
    api.post(f"{path}/pause", {}).ok()
    at.now = datetime(2027, 6, 1, 12, tzinfo=UTC)
    assert refused(api.post, f"{path}/resume", {"bill": True}) == [("TOO_MANY_PERIODS", "/bill")]


@pytest.mark.parametrize("parameter", ["count=0", "count=13", "on=today", "until=2026-04-01"])
def test_a_refused_preview_names_its_parameter(api: Client, parameter: str) -> None:
    answer = api.get(f"/subscriptions/{subscribe(api)['id']}/preview?{parameter}")
    assert (answer.status, [one["pointer"] for one in answer.json["errors"]]) == (400, [f"?{parameter.split('=')[0]}"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/filter"),
        ({"invoice_ids": [f"inv_{NO_SUBJECT}"], "filter": {}}, "/filter"),
        ({"invoice_ids": [f"inv_{NO_SUBJECT}"]}, "/invoice_ids/0"),
        ({"source": "subscriptions", "invoice_ids": [f"inv_{NO_SUBJECT}"]}, "/invoice_ids"),
        ({"source": "subscriptions", "up_to": "2026-05-01"}, "/up_to"),
        ({"filter": {}, "up_to": "2026-03-01"}, "/up_to"),
        ({"filter": {}, "issue_date": "2027-01-01"}, "/issue_date"),
        ({"filter": {}, "brake": {"invoices": 0}}, "/brake/invoices"),
        ({"filter": {}, "brake": {"total": {"EUR": "-1"}}}, "/brake/total/EUR"),
        ({"filter": {}, "brake": {"total": {"XX": "1"}}}, "/brake/total/XX"),
        ({"filter": {"created_to": "today"}}, "/filter/created_to"),
    ],
)
def test_a_refused_run_names_its_field(api: Client, body: dict[str, Any], pointer: str) -> None:
    assert named(api, api.post, "/billing-runs", body) == [pointer]


def test_a_refused_resume_names_the_wrong_id(api: Client) -> None:
    run = f"/billing-runs/brn_{NO_SUBJECT}/resume"
    assert named(api, api.post, run, {"skip": [f"inv_{NO_SUBJECT}", "x"]}) == ["/skip/1"]
