"""Each hour, for each tenant: levels are reached once, in order, on the right day. A27, B31."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from invoicing.aws.clients import client
from invoicing.core.event import Recorded
from invoicing.core.identity import Caller
from invoicing.invoices.dunning import DunningSettings
from invoicing.invoices.events import InvoiceUpdated
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from tests.aws import TABLE, AwsCalls
from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import ENDS, deliver_letters
from tests.events import details, strike
from tests.faults.deaths import Moment, strike_through_a_death
from tests.gateway import Client
from tests.world import issue

# Due on 24 March; the reminder comes on the 31st. Berlin's clocks go forward on 29 March.
LAST_MOMENT = datetime(2026, 3, 30, 21, 59, tzinfo=UTC)
THE_DAY = datetime(2026, 3, 30, 22, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _rules(api: Client) -> None:
    api.patch("/tenant", {"base_rates": [{"valid_from": "2026-01-01", "rate": "1.27"}]}).ok()
    api.post("/dunning-rules", rule_json()).ok(201)
    costly = {"type": "dunning", "fees": {"EUR": "5.00"}, "interest": {"points": "9"}}
    for level in (2, 3):
        api.post("/dunning-rules", rule_json(level=level, days_overdue=10, **costly)).ok(201)


def reached() -> list[tuple[str, int]]:
    return [(one["resource"]["id"], one["data"]["details"]["level"]) for one in details("dunning.document_created")]


def test_a_level_is_reached_on_its_day_in_the_tenants_zone(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now = LAST_MOMENT
    assert strike("run_dunning", api.tenant_id) == []
    assert reached() == []
    at.now = THE_DAY
    assert strike("run_dunning", api.tenant_id) == []
    [document] = api.get("/dunning-documents").ok()["data"]
    assert (document["issue_date"], document["due_date"], document["level"]) == ("2026-03-31", "2026-04-07", 1)
    entry = api.get(f"/invoices/{issued['id']}/comments").ok()["data"][0]
    assert (entry["type"], entry["action_key"], entry["user"]) == ("document_created", "REMINDER_CREATE", None)
    outlook = api.get(f"/invoices/{issued['id']}/dunning").ok()
    assert (outlook["level"], outlook["last_at"], outlook["next_at"]) == (1, "2026-03-31", "2026-04-10")
    assert outlook["next"]["fee"] == "5.00"


def test_each_level_is_reached_once_and_in_order(api: Client, issued: dict[str, Any], at: Clock) -> None:
    days = []
    for _ in range(40):
        at.now += timedelta(days=1)
        before = len(reached())
        assert strike("run_dunning", *[api.tenant_id] * 3) == []
        if len(reached()) > before:
            days.append(at.now.date().isoformat())
            deliver_letters(api, at.now)
    assert reached() == [(issued["id"], level) for level in (1, 2)]
    assert days == ["2026-03-31", "2026-04-10"]
    dunning = api.get(f"/invoices/{issued['id']}").ok()["dunning"]
    # 119.00 × 10.27 % × 17 ÷ 365 = 0.5692
    assert dunning["fees_due"] == "40.57"


def test_an_outage_neither_skips_levels_nor_catches_them_up(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now += timedelta(days=100)
    for _ in range(3):
        strike("run_dunning", api.tenant_id)
    assert reached() == [(issued["id"], 1)]
    deliver_letters(api, at.now)
    at.now += timedelta(days=10)
    strike("run_dunning", api.tenant_id)
    assert reached() == [(issued["id"], 1), (issued["id"], 2)]


@pytest.mark.parametrize("end", ENDS)
def test_settled_canceled_and_closed_invoices_are_not_read(
    api: Client, issued: dict[str, Any], at: Clock, aws: AwsCalls, end: Callable[[Client, str], None]
) -> None:
    end(api, f"/invoices/{issued['id']}")
    at.now += timedelta(days=60)
    with aws.only("run_dunning") as asked:
        assert strike("run_dunning", api.tenant_id) == []
    assert reached() == []
    # The tenant, its rules, and for both types of customer three levels of an index that no longer contains it.
    assert asked.names == {"dynamodb:GetItem": 1, "dynamodb:Query": 1 + 6}


def test_a_part_payment_keeps_the_level_and_lowers_the_amount(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now = THE_DAY
    strike("run_dunning", api.tenant_id)
    deliver_letters(api, at.now)
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "100.00"}).ok(201)
    at.now += timedelta(days=10)
    strike("run_dunning", api.tenant_id)
    documents = api.get("/dunning-documents?order=asc").ok()["data"]
    assert [(one["level"], one["open"]) for one in documents] == [(1, "119.00"), (2, "19.00")]


def test_a_reopened_invoice_continues_at_the_next_level(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now = THE_DAY
    strike("run_dunning", api.tenant_id)
    deliver_letters(api, at.now)
    payment = api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00"}).ok(201)
    at.now += timedelta(days=20)
    strike("run_dunning", api.tenant_id)
    api.delete(f"/invoices/{issued['id']}/payments/{payment['id']}").ok()
    strike("run_dunning", api.tenant_id)
    assert reached() == [(issued["id"], 1), (issued["id"], 2)]


def test_fees_and_interest_are_paid_after_the_invoice(api: Client, issued: dict[str, Any], at: Clock) -> None:
    for _ in range(2):
        at.now += timedelta(days=40)
        strike("run_dunning", api.tenant_id)
        deliver_letters(api, at.now)
    due = api.get(f"/invoices/{issued['id']}").ok()["dunning"]["fees_due"]
    path = f"/invoices/{issued['id']}/payments"
    payment = api.post(path, {"amount": "130.00"}).ok(201)
    assert payment["allocations"] == [{"to": "invoice", "amount": "119.00"}, {"to": "fees", "amount": "11.00"}]
    rest = api.get(f"/invoices/{issued['id']}").ok()
    assert (rest["status"], rest["paid"]) == ("paid", "119.00")
    assert float(rest["dunning"]["fees_due"]) == pytest.approx(float(due) - 11)
    assert api.post(path, {"amount": "500.00"}).code == "PAYMENT_EXCEEDS_DUE"


@pytest.mark.parametrize("moment", get_args(Moment))
@pytest.mark.parametrize("call", range(1, 17))
def test_each_level_is_reached_once_if_a_worker_dies(
    api: Client, at: Clock, aws: AwsCalls, call: int, moment: Moment
) -> None:
    open_ones = [issue(api)["id"] for _ in range(2)]
    at.now = THE_DAY
    strike_through_a_death("run_dunning", api.tenant_id, call, moment, aws)
    assert sorted(reached()) == sorted((id_, 1) for id_ in open_ones)
    numbers = sorted(one["number"] for one in api.get("/dunning-documents").ok()["data"])
    assert numbers == ["DUN-2026-000001", "DUN-2026-000002"]


def test_a_failing_invoice_delays_no_other(api: Client, stranger: Client, tenant: Tenant, at: Clock) -> None:
    stranger.post("/dunning-rules", rule_json()).ok(201)
    poisoned, sound, others = issue(api)["id"], issue(api)["id"], issue(stranger)["id"]
    head = invoice_key(tenant.id, poisoned)
    client("dynamodb").update_item(
        TableName=TABLE,
        Key=head.address,
        UpdateExpression="SET #data = :nonsense",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={":nonsense": {"S": "{"}},
    )
    at.now = THE_DAY
    assert strike("run_dunning", api.tenant_id, stranger.tenant_id) == ["0"]
    assert sorted(reached()) == sorted([(sound, 1), (others, 1)])


def test_dates_from_before_the_bounds_stop_no_run(api: Client, tenant: Tenant, at: Clock) -> None:
    sound, paused, due_late = (issue(api)["id"] for _ in range(3))
    store = Store(Session(Caller.system(tenant.id), at.now))
    last_day, summary = date.max, store.get(InvoiceSummary, paused)
    pause = summary.dunning_so_far.set_to(DunningSettings(paused_until=last_day))
    store.commit(Recorded(summary.dunned(pause, store.session.moment), InvoiceUpdated()))
    late = store.get(InvoiceSummary, due_late)
    store.commit(Recorded(late.model_copy(update={"due_date": last_day}), InvoiceUpdated()))
    at.now = THE_DAY
    assert strike("run_dunning", api.tenant_id) == []
    assert [id_ for id_, _ in reached()] == [sound]
    assert [one["reason"] for one in api.post("/dunning-runs", {"dry_run": True}).ok()["skipped"]] == ["paused"]
    for id_ in (paused, due_late):
        outlook = api.get(f"/invoices/{id_}/dunning").ok()["next"]
        assert (outlook["at"], outlook["due_date"]) == ("9999-12-31", "9999-12-31")
    assert {one["due_date"] for one in api.get("/invoices").ok()["data"]} == {"2026-03-24", "9999-12-31"}
