"""Each hour, for each tenant: an invoice is told overdue once, on the day after its due date. B31: OVERDUE."""

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
from tests.faults import Moment, dies_at
from tests.gateway import Client
from tests.world import issue

# Issued on 10 March with 14 days; Berlin's clocks go forward on 29 March.
LAST_MOMENT = datetime(2026, 3, 24, 22, 59, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 24, 23, 0, tzinfo=UTC)


def told() -> list[str]:
    return [event["resource"]["id"] for event in details("invoice.overdue")]


def test_it_is_told_on_the_day_after_the_due_date_where_the_tenant_is(
    api: Client, issued: dict[str, Any], at: Clock
) -> None:
    assert issued["due_date"] == "2026-03-24"
    at.now = LAST_MOMENT
    assert strike("mark_overdue", api.tenant_id) == []
    assert told() == []
    at.now = NEXT_DAY
    assert strike("mark_overdue", api.tenant_id) == []
    [event] = details("invoice.overdue")
    assert event["data"]["details"] == {"due_date": "2026-03-24", "due": "119.00"}
    assert event["data"]["object"]["overdue"] is True
    entry = api.get(f"/invoices/{issued['id']}/comments").ok()["data"][0]
    assert (entry["type"], entry["action_key"], entry["user"]) == ("overdue", "STATUS", None)


def test_it_is_told_once_however_many_hours_begin_and_however_often_each_is_delivered(
    api: Client, issued: dict[str, Any], at: Clock
) -> None:
    at.now = LAST_MOMENT
    for _ in range(100):
        at.now += timedelta(hours=1)
        assert strike("mark_overdue", *[api.tenant_id] * 3) == []
    assert told() == [issued["id"]]


@pytest.mark.parametrize("end", ENDS)
def test_what_is_paid_credited_canceled_or_closed_meanwhile_tells_nothing(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls, end: Callable[[Client, str], None]
) -> None:
    end(api, f"/invoices/{issued['id']}")
    at.now = NEXT_DAY
    with aws.only("mark_overdue") as asked:
        assert strike("mark_overdue", api.tenant_id) == []
    assert told() == []
    # The tenant, and an index in which it stands no more.
    assert asked.names == {"dynamodb:GetItem": 1, "dynamodb:Query": 1}


def test_a_part_payment_leaves_the_rest_overdue(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "100.00"}).ok(201)
    at.now = NEXT_DAY
    strike("mark_overdue", api.tenant_id)
    assert details("invoice.overdue")[0]["data"]["details"]["due"] == "19.00"


def test_an_invoice_that_is_open_again_after_its_due_date_is_told_then_and_never_twice(
    api: Client, issued: dict[str, Any], at: Clock
) -> None:
    path = f"/invoices/{issued['id']}"
    payment = api.post(f"{path}/payments", {"amount": "119.00"}).ok(201)
    at.now = NEXT_DAY
    strike("mark_overdue", api.tenant_id)
    api.delete(f"{path}/payments/{payment['id']}").ok()
    strike("mark_overdue", api.tenant_id)
    api.post(f"{path}/close", {"reason": "write_off"}).ok()
    api.post(f"{path}/reactivate").ok()
    strike("mark_overdue", api.tenant_id)
    assert told() == [issued["id"]]


def test_an_invoice_issued_with_a_due_date_in_the_past_is_told_in_the_next_hour(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {"issue_date": "2026-03-01", "due_date": "2026-03-09"}).ok()
    strike("mark_overdue", api.tenant_id)
    assert told() == [draft]


def test_what_fell_out_of_an_outage_is_told_when_it_ends(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now = NEXT_DAY + timedelta(days=40)
    strike("mark_overdue", api.tenant_id)
    assert told() == [issued["id"]]


def test_drafts_and_credit_notes_are_never_overdue(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.post("/invoices", invoice_json(due_date="2026-03-11")).ok(201)
    pay(api, f"/invoices/{issued['id']}")
    api.post(f"/invoices/{issued['id']}/credit", {"amount": "19.00"}).ok(201)
    at.now = NEXT_DAY
    strike("mark_overdue", api.tenant_id)
    assert told() == []


def test_among_many_open_invoices_only_those_that_are_due_are_looked_at(api: Client, at: Clock, aws: AwsCalls) -> None:
    due = [issue(api)["id"] for _ in range(2)]
    at.now += timedelta(days=1)
    for _ in range(8):
        issue(api)
    at.now = NEXT_DAY
    with aws.only("mark_overdue") as asked:
        strike("mark_overdue", api.tenant_id)
    assert sorted(told()) == sorted(due)
    assert asked.names == {"dynamodb:GetItem": 1 + 2, "dynamodb:Query": 1, "dynamodb:TransactWriteItems": 2}


@pytest.mark.parametrize("moment", get_args(Moment))
@pytest.mark.parametrize("call", range(1, 7))
def test_a_worker_that_dies_at_any_call_tells_it_once_all_the_same(
    api: Client, at: Clock, aws: AwsCalls, call: int, moment: Moment
) -> None:
    open_ones = [issue(api)["id"] for _ in range(2)]
    at.now = NEXT_DAY
    with dies_at(call, moment, aws) as worker:
        strike("mark_overdue", api.tenant_id)
    assert worker.died_at is not None
    for _ in range(2):
        assert strike("mark_overdue", api.tenant_id) == []
    assert sorted(told()) == sorted(open_ones)


def test_what_is_paid_at_the_very_moment_tells_nothing(
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
    assert told() == []


def test_a_poisoned_invoice_keeps_neither_the_others_nor_other_tenants_waiting(
    api: Client, stranger: Client, tenant: Tenant, at: Clock
) -> None:
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
    assert sorted(told()) == sorted([sound, others])
