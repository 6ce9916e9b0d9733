"""POST /subscriptions/{subscription_id}/periods/{period}."""

from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.builders import customer_json, item_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client, Response
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, statuses, subscribe


def decide(api: Client, subscription: dict[str, Any], start: str, action: str) -> Response:
    return api.post(f"/subscriptions/{subscription['id']}/periods/1m-advance.{start}", {"action": action})


def test_the_next_period_is_billed_early_and_once(api: Client, at: Clock, aws: AwsCalls) -> None:
    made = subscribe(api, start_date="2026-05-01", action="finalize")
    with aws.only("decide_period") as calls:
        period = decide(api, made, "2026-05-01", "bill").ok()
    assert calls.names["dynamodb:TransactWriteItems"] == 1
    [invoice] = invoices(api, made)
    assert (period["invoice_id"], invoice["number"], invoice["issue_date"]) == (
        invoice["id"],
        "INV-2026-000001",
        "2026-03-10",
    )
    bill_at(api, at, "2026-05-01T12:00", made)
    assert len(invoices(api, made)) == 1
    again = decide(api, made, "2026-05-01", "bill")
    assert (again.status, again.code) == (409, "PERIOD_BILLED")
    assert invoice["id"] in again.json["detail"]


def test_a_skipped_period_is_not_billed_by_the_clock(api: Client, at: Clock) -> None:
    made = subscribe(api)
    skipped = decide(api, made, "2026-03-10", "skip").ok()
    assert (skipped["status"], skipped["invoice_id"]) == ("skipped", None)
    bill_at(api, at, "2026-04-10T12:00", made)
    assert list(statuses(periods(api, made))) == [
        ("1m-advance.2026-03-10", "skipped"),
        ("1m-advance.2026-04-10", "draft"),
    ]
    assert details("subscription.period_skipped")[0]["data"]["details"] == {"periods": ["1m-advance.2026-03-10"]}
    decide(api, made, "2026-03-10", "bill").ok()
    assert len(invoices(api, made)) == 2


def test_a_released_period_is_billed_again_on_request_only(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill(api, made)
    [draft] = invoices(api, made)
    api.delete(f"/invoices/{draft['id']}").ok(204)
    bill(api, made)
    assert list(statuses(periods(api, made))) == [("1m-advance.2026-03-10", "released")]
    decide(api, made, "2026-03-10", "bill").ok()
    [again] = invoices(api, made)
    assert [line["net"] for line in again["lines"]] == [line["net"] for line in draft["lines"]]
    assert now_of(api, made)["tracks"][0]["next"]["start"] == "2026-04-10"


def test_a_period_billed_again_is_no_further_occurrence(api: Client, at: Clock) -> None:
    made = subscribe(api, occurrences={"max": 2})
    bill(api, made)
    [draft] = invoices(api, made)
    api.delete(f"/invoices/{draft['id']}").ok(204)
    decide(api, made, "2026-03-10", "bill").ok()
    after = now_of(api, made)
    assert (after["occurrences"]["done"], after["mean_total"]) == (1, "129.71")
    bill_at(api, at, "2026-05-10T12:00", made)
    assert [one["start"] for one in periods(api, made)] == ["2026-03-10", "2026-04-10"]
    assert now_of(api, made)["occurrences"]["done"] == 2


@pytest.mark.parametrize("action", ["draft", "finalize"])
def test_a_period_with_a_draft_answers_so(api: Client, action: str) -> None:
    """With `finalize`, the draft could not be issued: its customer has no address."""
    customer = api.post("/customers", customer_json(address=None)).ok(201)["id"]
    made = subscribe(api, customer_id=customer, action=action, items=[item_json("Wartung", "500.00")])
    path, body = f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10", {"action": "bill"}
    first, again = (api.post(path, body, headers={"Idempotency-Key": "b"}).ok() for _ in range(2))
    assert first == again == periods(api, made)[0]
    assert first["status"] == "draft"
    attention = now_of(api, made)["attention"]
    assert (attention and attention["invoice_id"]) == (first["invoice_id"] if action == "finalize" else None)


@pytest.mark.parametrize("start", ["2026-04-10", "2026-03-11", "2026-02-10", "2026-13-40"])
def test_other_periods_are_unknown(api: Client, start: str) -> None:
    answer = decide(api, subscribe(api), start, "bill")
    assert (answer.status, answer.code) == (404, "PERIOD_NOT_FOUND")


@pytest.mark.parametrize("action", ["skip", "bill"])
def test_a_period_after_the_end_moves_no_billed_day(api: Client, at: Clock, action: str) -> None:
    """Its invoice was canceled, and the end that was revoked later lies in the period before it."""
    made = subscribe(api, items=[item_json("Plan", "31.00")], action="finalize")
    bill(api, made)
    ahead = decide(api, made, "2026-04-10", "bill").ok()
    api.post(f"/invoices/{ahead['invoice_id']}/cancel").ok()
    end = f"/subscriptions/{made['id']}/cancellation"
    api.put(end, {"at": "date", "on": "2026-03-25"}).ok()
    answer = decide(api, made, "2026-04-10", action)
    assert answer.status == {"skip": 200, "bill": 409}[action]
    api.delete(end).ok()
    bill_at(api, at, "2026-05-10T12:00", made)
    assert [(one["start"], one["end"]) for one in periods(api, made)] == [
        ("2026-03-10", "2026-04-09"),
        ("2026-04-10", "2026-05-09"),
        ("2026-05-10", "2026-06-09"),
    ]


def with_earlier_item(api: Client, **fields: Any) -> dict[str, Any]:
    """A subscription whose next period begins on 25 March, and on 20 March after a scheduled change."""
    later = item_json("Plan", "31.00", start_date="2026-03-25")
    short = item_json("Start", "5.00", end_date="2026-03-14")
    made = subscribe(api, action="finalize", anchor={"day": 15}, items=[short, later], **fields)
    bill(api, made)
    item = item_json("Einrichtung", "150.00", once=True)
    body = {"items": [{"op": "add", "item": item}], "at": "date", "on": "2026-03-20", "anchor": "restart"}
    api.post(f"/subscriptions/{made['id']}/changes", body).ok()
    return now_of(api, made)


def billed(invoice: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["name"], line["net"]) for line in invoice["lines"]]


FEE = [("Plan, 1 ×, 26 von 31 Tagen", "26.00"), ("Einrichtung", "150.00")]


def test_a_period_billed_early_begins_with_a_new_item(api: Client, at: Clock) -> None:
    """The subscription and the preview show its first day."""
    made = with_earlier_item(api)
    start = made["tracks"][0]["next"]["start"]
    [planned] = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"]
    period = decide(api, made, start, "bill").ok()
    assert (period["id"], period["end"]) == ("1m-advance.2026-03-20", "2026-04-19")
    assert billed(invoices(api, made)[-1]) == billed(planned["invoice"]) == FEE
    assert (start, decide(api, made, "2026-03-25", "bill").code) == ("2026-03-20", "PERIOD_NOT_FOUND")
    bill_at(api, at, "2026-03-25T12:00", made)
    assert len(invoices(api, made)) == 2


def test_a_period_skipped_early_begins_with_a_new_item(api: Client, at: Clock) -> None:
    made = with_earlier_item(api)
    period = decide(api, made, "2026-03-20", "skip").ok()
    assert (period["id"], period["status"], period["end"]) == ("1m-advance.2026-03-20", "skipped", "2026-04-19")
    bill_at(api, at, "2026-04-20T12:00", made)
    assert billed(invoices(api, made)[-1]) == [("Plan", "31.00")]


@pytest.mark.parametrize(("lead_days", "day"), [(0, "2026-03-25"), (1, "2026-03-24"), (7, "2026-03-18")])
def test_an_outage_does_not_lose_a_scheduled_item(api: Client, at: Clock, lead_days: int, day: str) -> None:
    """No run follows the change on its day. With more lead, its bill is due before it."""
    made = with_earlier_item(api, lead_days=lead_days)
    planned = api.get(f"/subscriptions/{made['id']}/preview").ok()["invoices"][0]
    bill_at(api, at, f"{day}T12:00", made)
    assert billed(invoices(api, made)[-1]) == billed(planned["invoice"]) == FEE
    assert periods(api, made)[-1]["id"] == "1m-advance.2026-03-20"
    assert now_of(api, made)["attention"] is None


def test_an_item_removed_before_it_begins_is_not_billed(api: Client, at: Clock) -> None:
    """A run follows the change that it missed, and finds nothing due."""
    later = [item_json("Plan", "31.00", start_date=day) for day in ("2026-03-25", "2026-04-15")]
    short = item_json("Start", "5.00", end_date="2026-03-14")
    made = subscribe(api, action="finalize", anchor={"day": 15}, items=[short, *later])
    bill(api, made)
    body = {"items": [{"op": "remove", "item_id": made["items"][1]["id"]}], "at": "date", "on": "2026-03-20"}
    api.post(f"/subscriptions/{made['id']}/changes", body).ok()
    for day, count in [("2026-03-25", 1), ("2026-04-15", 2)]:
        bill_at(api, at, f"{day}T12:00", made)
        assert len(invoices(api, made)) == count
        assert (now_of(api, made)["changes"][0]["status"], now_of(api, made)["attention"]) == ("in_force", None)
    assert billed(invoices(api, made)[-1]) == [("Plan", "31.00")]
    assert [one["id"] for one in periods(api, made)] == ["1m-advance.2026-03-10", "1m-advance.2026-04-15"]
