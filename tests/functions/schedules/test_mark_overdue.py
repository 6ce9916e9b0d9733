"""Each hour, for each tenant: `invoice.overdue` is published once, on the day after its due date. B31: OVERDUE."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from invoicing.aws.clients import client
from invoicing.invoices import workflow as overdue
from invoicing.invoices.overdue import turned_overdue
from invoicing.invoices.table import invoice_key
from invoicing.tenants.model import Tenant
from tests.aws import TABLE, AwsCalls
from tests.builders import customer_json, invoice_json
from tests.conftest import Clock
from tests.dunning import ENDS, pay
from tests.events import details, strike
from tests.faults.deaths import Moment, strike_through_a_death
from tests.gateway import Client
from tests.world import issue

# Issued on 10 March with 14 days; Berlin's clocks go forward on 29 March.
LAST_MOMENT = datetime(2026, 3, 24, 22, 59, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 24, 23, 0, tzinfo=UTC)


def overdue_events() -> list[str]:
    return [event["resource"]["id"] for event in details("invoice.overdue")]


def test_published_on_the_tenants_day_after_the_due_date(api: Client, issued: dict[str, Any], at: Clock) -> None:
    assert issued["due_date"] == "2026-03-24"
    at.now = LAST_MOMENT
    assert strike("mark_overdue", api.tenant_id) == []
    assert overdue_events() == []
    at.now = NEXT_DAY
    assert strike("mark_overdue", api.tenant_id) == []
    [event] = details("invoice.overdue")
    assert event["data"]["details"] == {"due_date": "2026-03-24", "due": "119.00"}
    assert event["data"]["object"]["overdue"] is True
    entry = api.get(f"/invoices/{issued['id']}/comments").ok()["data"][0]
    assert (entry["type"], entry["action_key"], entry["user"]) == ("overdue", "STATUS", None)


def test_published_once_for_repeated_hours_and_deliveries(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now = LAST_MOMENT
    for _ in range(100):
        at.now += timedelta(hours=1)
        assert strike("mark_overdue", *[api.tenant_id] * 3) == []
    assert overdue_events() == [issued["id"]]


@pytest.mark.parametrize("end", ENDS)
def test_settled_canceled_and_closed_invoices_are_not_overdue(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls, end: Callable[[Client, str], None]
) -> None:
    end(api, f"/invoices/{issued['id']}")
    at.now = NEXT_DAY
    with aws.only("mark_overdue") as asked:
        assert strike("mark_overdue", api.tenant_id) == []
    assert overdue_events() == []
    # The tenant, and an index that no longer contains it.
    assert asked.names == {"dynamodb:GetItem": 1, "dynamodb:Query": 1}


def test_a_part_payment_leaves_the_rest_overdue(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "100.00"}).ok(201)
    at.now = NEXT_DAY
    strike("mark_overdue", api.tenant_id)
    assert details("invoice.overdue")[0]["data"]["details"]["due"] == "19.00"


def test_a_reopened_invoice_is_published_once(api: Client, issued: dict[str, Any], at: Clock) -> None:
    path = f"/invoices/{issued['id']}"
    payment = api.post(f"{path}/payments", {"amount": "119.00"}).ok(201)
    at.now = NEXT_DAY
    strike("mark_overdue", api.tenant_id)
    api.delete(f"{path}/payments/{payment['id']}").ok()
    strike("mark_overdue", api.tenant_id)
    api.post(f"{path}/close", {"reason": "write_off"}).ok()
    api.post(f"{path}/reactivate").ok()
    strike("mark_overdue", api.tenant_id)
    assert overdue_events() == [issued["id"]]


def test_a_due_date_in_the_past_is_published_in_the_next_hour(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {"issue_date": "2026-03-01", "due_date": "2026-03-09"}).ok()
    strike("mark_overdue", api.tenant_id)
    assert overdue_events() == [draft]


def test_published_after_an_outage_ends(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now = NEXT_DAY + timedelta(days=40)
    strike("mark_overdue", api.tenant_id)
    assert overdue_events() == [issued["id"]]


def test_drafts_and_credit_notes_are_never_overdue(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.post("/invoices", invoice_json(due_date="2026-03-11")).ok(201)
    pay(api, f"/invoices/{issued['id']}")
    api.post(f"/invoices/{issued['id']}/credit", {"amount": "19.00"}).ok(201)
    at.now = NEXT_DAY
    strike("mark_overdue", api.tenant_id)
    assert overdue_events() == []


def test_only_due_invoices_are_read(api: Client, at: Clock, aws: AwsCalls) -> None:
    due = [issue(api)["id"] for _ in range(2)]
    at.now += timedelta(days=1)
    for _ in range(8):
        issue(api)
    at.now = NEXT_DAY
    with aws.only("mark_overdue") as asked:
        strike("mark_overdue", api.tenant_id)
    assert sorted(overdue_events()) == sorted(due)
    assert asked.names == {"dynamodb:GetItem": 1 + 2, "dynamodb:Query": 1, "dynamodb:TransactWriteItems": 2}


@pytest.mark.parametrize("moment", get_args(Moment))
@pytest.mark.parametrize("call", range(1, 7))
def test_published_once_if_a_worker_dies_at_any_call(
    api: Client, at: Clock, aws: AwsCalls, call: int, moment: Moment
) -> None:
    open_ones = [issue(api)["id"] for _ in range(2)]
    at.now = NEXT_DAY
    strike_through_a_death("mark_overdue", api.tenant_id, call, moment, aws)
    assert sorted(overdue_events()) == sorted(open_ones)


def test_a_payment_at_the_same_moment_publishes_nothing(
    api: Client, issued: dict[str, Any], at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.now = NEXT_DAY
    interruptions = [lambda: pay(api, f"/invoices/{issued['id']}")]

    def interrupted(*asked: Any) -> Any:
        decided = turned_overdue(*asked)
        while interruptions:
            interruptions.pop()()
        return decided

    monkeypatch.setattr(overdue, "turned_overdue", interrupted)
    assert strike("mark_overdue", api.tenant_id) == []
    assert overdue_events() == []


def test_a_failing_invoice_delays_no_other(api: Client, stranger: Client, tenant: Tenant, at: Clock) -> None:
    poisoned, sound, others = issue(api)["id"], issue(api)["id"], issue(stranger)["id"]
    head = invoice_key(tenant.id, poisoned)
    client("dynamodb").update_item(
        TableName=TABLE,
        Key=head.address,
        UpdateExpression="SET #data = :nonsense",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={":nonsense": {"S": "{"}},
    )
    at.now = NEXT_DAY
    assert strike("mark_overdue", api.tenant_id, stranger.tenant_id) == ["0"]
    assert sorted(overdue_events()) == sorted([sound, others])
