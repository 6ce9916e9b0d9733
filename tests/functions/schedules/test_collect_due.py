"""Each hour, for each tenant: one run bills the subscriptions that are due."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from invoicing.billing_runs.table import run_key
from invoicing.consumers.run_steps import DRAFTING_REQUESTED, STEP_REQUESTED
from invoicing.store.reading import item_at
from invoicing.subscriptions.billing import units
from tests import billing
from tests.aws import TABLE, AwsCalls
from tests.aws_events import boto
from tests.billing import bill_due, bill_hour, requested_steps, worked
from tests.builders import customer_json, item_json
from tests.conftest import Clock
from tests.events import deliver_raw, details, strike
from tests.gateway import Client
from tests.subscriptions import bill, invoices, now_of, subscribe


@pytest.mark.parametrize(
    ("moment", "due"), [("2026-03-29T03:59", False), ("2026-03-29T04:00", True), ("2026-04-02T22:00", True)]
)
def test_due_by_date_and_hour_of_the_tenants_zone(api: Client, at: Clock, moment: str, due: bool) -> None:
    made = subscribe(api, anchor={"day": 29})
    bill(api, made)
    at.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    run = bill_hour(api)
    assert (run is not None) == due
    if run is not None:
        assert (run["source"], run["started_by"], run["counts"]["drafted"]) == ("subscriptions", None, 1)
        assert run["hour"] == (at.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H")


def test_an_hour_starts_one_run(api: Client, at: Clock) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    for _ in range(3):
        subscribe(api, customer_id=customer)
    run = bill_hour(api)
    assert run is not None
    assert run["counts"] | {"subscriptions": 3, "drafted": 3, "kept": 3} == run["counts"]
    subscribe(api, customer_id=customer)
    assert bill_hour(api) is None
    at.now += timedelta(hours=1)
    assert bill_hour(api) is not None
    assert len(details("billing_run.started")) == 2


def test_the_clock_bills_no_more_than_the_brake_allows(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until a user decides, no other hour bills the same subscriptions."""
    monkeypatch.setattr("invoicing.billing_runs.model.LEAST_BRAKE", 1)
    made = [subscribe(api) for _ in range(2)]
    run = bill_hour(api)
    assert run is not None
    assert (run["status"], run["parked_reason"], run["counts"]["drafted"]) == ("parked", "invoices", 0)
    at.now += timedelta(hours=1)
    assert bill_hour(api) is None
    assert api.post("/billing-runs", {"source": "subscriptions"}).code == "BILLING_RUN_ACTIVE"
    skipped = {"skip": [made[0]["id"]]}
    assert api.post(f"/billing-runs/{run['id']}/resume", skipped).ok(202)["status"] == "drafting"
    after = worked(api, run)
    assert (after["status"], after["counts"]["drafted"], after["counts"]["skipped"]) == ("completed", 1, 1)
    assert [len(invoices(api, one)) for one in made] == [0, 1]


def test_the_first_of_the_month_passes_the_brake(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three quiet days of one subscription come between the days on which most are billed, as drafts that are kept."""
    monkeypatch.setattr("invoicing.billing_runs.model.LEAST_BRAKE", 1)
    at.now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    for start in (1, 1, 1, 10, 15, 20):
        subscribe(api, customer_id=customer, start_date=f"2026-04-{start:02}")
    run = api.post("/billing-runs", {"source": "subscriptions", "brake": {"invoices": 3}}).ok(202)
    assert worked(api, run)["counts"]["kept"] == 3
    for day in (10, 15, 20):
        at.now = datetime(2026, 4, day, 12, tzinfo=UTC)
        assert (bill_hour(api) or {})["status"] == "completed"
    at.now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert (bill_hour(api) or {})["status"] == "completed"


def test_a_known_refusal_starts_no_other_run(api: Client, at: Clock) -> None:
    items = [item_json("Wartung", "50.00"), item_json("Anlage", "5000.00", start_date="2026-04-10")]
    made = subscribe(api, items=items)
    bill_hour(api)
    at.now = datetime(2026, 4, 10, 12, tzinfo=UTC)
    run = bill_hour(api)
    assert run is not None
    assert (run["counts"]["refused"], now_of(api, made)["attention"]["code"]) == (1, "TOTAL_TOO_HIGH")
    at.now += timedelta(hours=1)
    assert bill_hour(api) is None
    assert len(details("subscription.attention")) == 1


def test_the_next_hour_bills_after_a_wait(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    made = subscribe(api)
    at.now = datetime(2028, 3, 10, 12, tzinfo=UTC)
    bill_hour(api)
    assert now_of(api, made)["attention"]["code"] == "TOO_MANY_PERIODS"
    monkeypatch.setattr(units, "MOST_OPEN_PERIODS", 30)
    for drafted in (0, 25):
        at.now += timedelta(hours=1)
        run = bill_hour(api)
        assert now_of(api, made)["attention"] is None
        assert (run["counts"]["drafted"] if run else 0) == drafted


def test_a_pending_subscription_starts_no_run(api: Client, at: Clock) -> None:
    made = subscribe(api, start_date="2026-04-01", trial_end="2026-04-30")
    at.now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    assert bill_hour(api) is None
    assert now_of(api, made)["status"] == "trialing"


def test_a_run_of_a_user_bills_by_date(api: Client, at: Clock) -> None:
    made = subscribe(api, hour=23)
    assert bill_hour(api) is None
    run = bill_due(api)
    assert run is not None
    assert (run["hour"], run["up_to"], len(invoices(api, made))) == (None, "2026-03-10", 1)
    assert strike("collect_due", api.tenant_id) == []
    assert bill_due(api) is None


def test_a_lost_step_does_not_hold_up_later_hours(api: Client, aws: AwsCalls, at: Clock) -> None:
    """The first message of the run never arrives. An hour later its step is requested, and the next hour bills."""
    made = subscribe(api, action="finalize")
    assert strike("collect_due", api.tenant_id) == []
    late = subscribe(api, action="finalize")
    for minutes, requested in ((59, 0), (1, 1)):
        at.now += timedelta(minutes=minutes)
        assert strike("collect_due", api.tenant_id) == []
        assert len(requested_steps(aws, DRAFTING_REQUESTED)) == requested
    for name, worker in ((DRAFTING_REQUESTED, "bill_units"), (STEP_REQUESTED, "advance_run")):
        assert deliver_raw(worker, requested_steps(aws, name)[-1]) == []
    assert (len(invoices(api, made)), len(invoices(api, late))) == (1, 0)
    at.now += timedelta(hours=1)
    assert bill_hour(api) is not None
    assert len(invoices(api, late)) == 1


def _started() -> dict[str, str]:
    """The run that the last event began."""
    return {"id": details("billing_run.started")[-1]["resource"]["id"]}


@pytest.mark.parametrize("parked", [False, True])
def test_only_a_run_that_works_is_continued(
    api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch, parked: bool
) -> None:
    """A parked run over subscriptions keeps its source too, and waits for a user."""
    monkeypatch.setattr("invoicing.billing_runs.model.LEAST_BRAKE", 1 if parked else 2)
    for _ in range(2):
        subscribe(api)
    assert strike("collect_due", api.tenant_id) == []
    if parked:
        assert deliver_raw("bill_units", billing.step(_started(), api.tenant_id)) == []
    at.now += timedelta(hours=2)
    assert strike("collect_due", api.tenant_id) == []
    assert len(requested_steps(aws, DRAFTING_REQUESTED)) == (not parked)


def test_an_unreadable_run_does_not_stop_the_reviews(api: Client, at: Clock) -> None:
    made = subscribe(api, start_date="2026-04-01", trial_end="2026-04-30")
    run = billing.start(api, billing.drafts(api, 1))
    item = item_at(run_key(api.tenant_id, run["id"])) or {}
    content = json.loads(item["data"]["S"]) | {"counts": 7}
    boto("dynamodb").put_item(TableName=TABLE, Item=item | {"data": {"S": json.dumps(content)}})
    at.now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    assert strike("collect_due", api.tenant_id) == ["0"]
    assert now_of(api, made)["status"] == "trialing"
