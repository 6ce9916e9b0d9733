"""POST /subscriptions."""

from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import customer_json, item_json, line_json, subscription_json
from tests.events import details
from tests.gateway import Client
from tests.subscriptions import bill, now_of, periods, statuses, subscribe


@pytest.fixture
def customer(api: Client) -> str:
    """The customer of the subscription."""
    return str(api.post("/customers", customer_json()).ok(201)["id"])


def test_it_begins_today_with_its_first_period(api: Client, customer: str, aws: AwsCalls) -> None:
    with aws.only("create_subscription") as calls:
        made = subscribe(api, customer_id=customer)
    assert (made["status"], made["start_date"], made["version"]) == ("active", "2026-03-10", 1)
    [track] = made["tracks"]
    assert track["next"] == {"start": "2026-03-10", "end": "2026-04-09", "bill_on": "2026-03-10"}
    assert [item["quantity"] for item in made["items"]] == ["1", "5"]
    assert calls.names == {"dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}


def test_a_dry_run_shows_the_first_invoices_and_creates_nothing(api: Client, customer: str) -> None:
    body = subscription_json(customer_id=customer, anchor={"day": 31}, start_date="2026-03-15", dry_run=True)
    shown = api.post("/subscriptions", body).ok(200)
    assert [one["bill_on"] for one in shown["first_invoices"]] == ["2026-03-15", "2026-03-31", "2026-04-30"]
    stub = shown["first_invoices"][0]["invoice"]
    assert [line["name"] for line in stub["lines"]] == [
        "Wartung, 1 ×, 16 von 31 Tagen",
        "Arbeitsplatz, 5 ×, 16 von 31 Tagen",
    ]
    assert [line["net"] for line in stub["lines"]] == ["25.29", "30.97"]
    assert api.get("/subscriptions").ok()["data"] == []


def test_a_repeated_dry_run_gets_the_same_response(api: Client, customer: str) -> None:
    body, headers = subscription_json(customer_id=customer, dry_run=True), {"Idempotency-Key": "d"}
    first, again = (api.post("/subscriptions", body, headers=headers).ok(200) for _ in range(2))
    assert first["id"] == again["id"]


def test_a_trial_ends_before_the_first_period(api: Client, customer: str) -> None:
    made = subscribe(api, customer_id=customer, trial_end="2026-03-23")
    assert (made["status"], made["tracks"][0]["next"]["start"]) == ("trialing", "2026-03-24")


def test_periods_that_are_not_caught_up_are_listed(api: Client, customer: str) -> None:
    items = [item_json("Wartung", "50.00"), item_json("Pflege", "5.00", timing="arrears")]
    made = subscribe(api, customer_id=customer, items=items, start_date="2026-01-05", catch_up="none")
    skipped = ["1m-advance.2026-01-05", "1m-advance.2026-02-05", "1m-arrears.2026-01-05", "1m-arrears.2026-02-05"]
    assert dict(statuses(periods(api, made))) == dict.fromkeys(skipped, "skipped")
    [event] = details("subscription.period_skipped")
    assert set(event["data"]["details"]["periods"]) == set(skipped)
    answer = api.post(f"/subscriptions/{made['id']}/periods/{skipped[1]}", {"action": "bill"}).ok()
    assert (answer["bill_on"], answer["status"]) == ("2026-02-05", "draft")
    assert now_of(api, made)["occurrences"]["done"] == 1


def test_only_the_last_of_many_skipped_periods_are_listed(api: Client, customer: str) -> None:
    made = subscribe(api, customer_id=customer, start_date="2016-01-05", catch_up="none")
    found = periods(api, made)
    assert (len(found), found[-1]["start"]) == (24, "2026-02-05")


@pytest.mark.parametrize(
    ("catch_up", "first"), [("bill", "2026-01-05"), ("none", "2026-03-05")], ids=lambda value: str(value)
)
def test_past_periods_are_billed_if_wanted(api: Client, customer: str, catch_up: str, first: str) -> None:
    made = subscribe(api, customer_id=customer, start_date="2026-01-05", catch_up=catch_up)
    assert made["tracks"][0]["next"]["start"] == first


def test_past_periods_require_a_decision(api: Client, customer: str) -> None:
    body = subscription_json(customer_id=customer, start_date="2026-02-10")
    answer = api.post("/subscriptions", body)
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (422, "CATCH_UP_REQUIRED", "/catch_up")
    assert subscribe(api, customer_id=customer, start_date="2026-02-11")["tracks"][0]["next"]["end"] == "2026-03-10"


def test_at_most_twelve_past_periods_are_billed(api: Client, customer: str) -> None:
    body = subscription_json(customer_id=customer, start_date="2025-02-10", catch_up="bill")
    assert api.post("/subscriptions", body).code == "TOO_MANY_PERIODS"
    made = subscribe(api, customer_id=customer, start_date="2025-03-10", catch_up="bill", lead_days=31)
    bill(api, made)
    assert now_of(api, made)["tracks"][0]["billed_through"] == "2026-05-09"


def test_items_of_one_interval_and_timing_are_a_track(api: Client, customer: str) -> None:
    items = [
        item_json("Quartal", "300.00", interval={"unit": "month", "count": 3}),
        item_json("Verbrauch", "5.00", timing="arrears"),
        item_json("Wartung", "49.00", quantity="2"),
    ]
    made = subscribe(api, customer_id=customer, items=items)
    found = [(one["interval"]["count"], one["timing"], one["next"]["bill_on"]) for one in made["tracks"]]
    assert found == [(1, "advance", "2026-03-10"), (1, "arrears", "2026-04-10"), (3, "advance", "2026-03-10")]


def test_external_ids_of_subscriptions_are_unique(api: Client, customer: str) -> None:
    subscribe(api, customer_id=customer, external_id="V-1")
    again = api.post("/subscriptions", subscription_json(customer_id=customer, external_id="V-1"))
    assert (again.status, again.code) == (409, "DUPLICATE_EXTERNAL_ID")


def test_a_dry_run_refuses_a_taken_external_id(api: Client, customer: str) -> None:
    subscribe(api, customer_id=customer, external_id="V-1")
    body = subscription_json(customer_id=customer, external_id="V-1", dry_run=True)
    answer = api.post("/subscriptions", body)
    assert (answer.status, answer.code) == (409, "DUPLICATE_EXTERNAL_ID")


@pytest.mark.parametrize(("start", "announced"), [("2026-03-10", 1), ("2026-03-11", 0)])
def test_a_subscription_from_today_is_activated(api: Client, customer: str, start: str, announced: int) -> None:
    subscribe(api, customer_id=customer, start_date=start)
    assert len(details("subscription.created")) == 1
    assert len(details("subscription.activated")) == announced


def test_mails_require_an_address(api: Client) -> None:
    silent = api.post("/customers", customer_json(emails=[])).ok(201)["id"]
    answer = api.post("/subscriptions", subscription_json(customer_id=silent, action="send"))
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (422, "NO_RECIPIENT", "/action")


def test_a_customer_with_a_subscription_cannot_be_deleted(api: Client, customer: str) -> None:
    subscribe(api, customer_id=customer)
    assert api.delete(f"/customers/{customer}").code == "CUSTOMER_IN_USE"


def item(**fields: Any) -> dict[str, Any]:
    return {"line": line_json(), **fields}


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [item(quantity="3")]}, "/items/0"),
        ({"items": [item(quantity="0")]}, "/items/0/quantity"),
        ({"items": [{"line": line_json(quantity="-1")}]}, "/items/0"),
        ({"items": [{"line": line_json(quantity="0")}]}, "/items/0"),
        ({"items": [{"line": line_json(net="100.00")}]}, "/items/0/line/net"),
        ({"items": [{"line": line_json(discount={"amount": "5.00"})}]}, "/items/0/line"),
        ({"items": [item(start_date="2026-05-01", end_date="2026-04-30")]}, "/items/0/end_date"),
        ({"items": [item(interval={"unit": "hour"})]}, "/items/0/interval/unit"),
        ({"trial_end": "2026-03-09"}, "/trial_end"),
        ({"items": [item(), item(timing="arrears")], "occurrences": {"max": 1}}, "/occurrences/max"),
        ({"anchor": {"day": 32}}, "/anchor/day"),
        ({"hour": 24}, "/hour"),
        ({"billing_group_id": None}, "/billing_group_id"),
        ({"discount": {"percent": "101"}}, "/discount/percent"),
    ],
)
def test_mistakes_are_refused_with_a_pointer(
    api: Client, customer: str, fields: dict[str, object], pointer: str
) -> None:
    answer = api.post("/subscriptions", subscription_json(**{"customer_id": customer, **fields}))
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, pointer)


@pytest.mark.parametrize(
    ("type_", "terms", "codes"),
    [
        ("person", {"renewal": {"mode": "renew"}}, ["CONSUMER_RENEWAL"]),
        ("person", {"renewal": {"mode": "renew"}, "notice": {"unit": "month", "count": 3}},
         ["CONSUMER_RENEWAL", "CONSUMER_NOTICE"]),
        ("person", {"notice": {"unit": "day", "count": 32}}, ["CONSUMER_NOTICE"]),
        ("person", {"notice": {"unit": "month"}}, []),
        ("company", {"renewal": {"mode": "renew"}}, []),
    ],
)  # fmt: skip
def test_terms_that_bind_a_german_consumer_are_warned_of(
    api: Client, type_: str, terms: dict[str, Any], codes: list[str]
) -> None:
    customer = api.post("/customers", customer_json(type=type_)).ok(201)["id"]
    body = subscription_json(customer_id=customer, term={"unit": "year"}, **terms)
    for made in (api.post("/subscriptions", body | {"dry_run": True}).ok(), api.post("/subscriptions", body).ok(201)):
        assert [one["code"] for one in made["warnings"]] == codes
    assert api.get(f"/subscriptions/{made['id']}").ok()["warnings"] == []
