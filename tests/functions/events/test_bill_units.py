"""A run over subscriptions: periods are billed once, oldest first, and a refusal parks its subscription alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invoicing.billing_runs import workflow
from invoicing.core.errors import DocumentTooLarge, OutcomeUnknown
from invoicing.subscriptions.billing.units import decided_bill
from tests.aws import AwsCalls
from tests.billing import begun, bill_due, bill_hour, results, start, step, worked
from tests.builders import customer_json, item_json, subscription_json
from tests.conftest import Clock
from tests.events import deliver, deliver_raw, details
from tests.gateway import Client
from tests.subscriptions import bill, bill_at, invoices, now_of, periods, statuses, subscribe

HIGH = item_json("Anlage", "5000.00", start_date="2026-04-10")
"""An item that makes a total far above the average."""


def starts(api: Client, subscription: dict[str, Any]) -> list[str]:
    return [one["start"] for one in periods(api, subscription)]


@pytest.mark.parametrize("action", ["draft", "finalize", "send"])
def test_a_due_subscription_takes_three_calls(api: Client, aws: AwsCalls, action: str) -> None:
    """Ten of them, with those of the clock, of drafting, and of finalizing."""
    for _ in range(10):
        subscribe(api, action=action)
    with aws.only("collect_due", "bill_units", "advance_run") as calls:
        run = bill_hour(api)
    assert run is not None
    assert (run["status"], run["counts"]["drafted"]) == ("completed", 10)
    assert calls.names.total() <= 3 * 10


def test_an_invoice_is_issued_and_sent_without_a_user(api: Client) -> None:
    made = subscribe(api, action="send")
    bill(api, made)
    [invoice] = invoices(api, made)
    assert (invoice["status"], invoice["number"], invoice["origin"]) == ("open", "INV-2026-000001", "subscription")
    assert invoice["created_by"] is None
    finalized = details("invoice.finalized")[0]["data"]["details"]
    assert finalized == {"number": "INV-2026-000001", "send": True, "billing_run_id": invoice["billing_run_id"]}
    [entry] = [one for one in api.get(f"/invoices/{invoice['id']}/comments").ok()["data"] if one["type"] == "created"]
    assert entry["action_key"] == "CREATE_FROM_RECURRING"


def test_billing_again_writes_nothing(api: Client, aws: AwsCalls) -> None:
    made = subscribe(api)
    bill(api, made)
    with aws.only("bill_units") as calls:
        bill(api, made, made)
    assert "dynamodb:TransactWriteItems" not in calls.names


def test_missed_periods_are_billed_oldest_first(api: Client, at: Clock) -> None:
    made = subscribe(api, action="finalize")
    bill_at(api, at, "2026-07-12T12:00", made)
    found = invoices(api, made)
    assert [one["lines"][0]["period"]["start"] for one in found] == [f"2026-0{month}-10" for month in range(3, 8)]
    assert [one["number"] for one in found] == [f"INV-2026-00000{number}" for number in range(1, 6)]
    assert {one["issue_date"] for one in found} == {"2026-07-12"}
    assert now_of(api, made)["tracks"][0]["next"]["bill_on"] == "2026-08-10"


def test_a_longer_outage_parks_until_a_user_bills(api: Client, at: Clock) -> None:
    made = subscribe(api)
    bill_at(api, at, "2031-03-10T12:00", made)
    assert invoices(api, made) == []
    assert now_of(api, made)["attention"]["code"] == "TOO_MANY_PERIODS"
    bill(api, made)
    assert len(details("subscription.attention")) == 1
    assert [one["id"] for one in api.get("/subscriptions?attention=true").ok()["data"]] == [made["id"]]
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10", {"action": "bill"}).ok()
    assert starts(api, made) == ["2026-03-10"]


@pytest.mark.parametrize("dry", [True, False])
def test_a_run_with_a_higher_brake_bills_those_that_wait(api: Client, at: Clock, dry: bool) -> None:
    made, other = subscribe(api), subscribe(api, items=[item_json("Wartung", "50.00"), HIGH])
    bill_at(api, at, "2027-06-20T12:00", made)
    at.now += timedelta(hours=1)
    assert [result["code"] for result in results(api, bill_due(api) or {})] == ["TOO_MANY_PERIODS"] * 2
    brake = {"invoices": 1_000}
    if dry:
        run = api.post("/billing-runs", {"source": "subscriptions", "brake": brake, "dry_run": True}).ok(200)
        assert (run["brake_raised"], run["counts"]["kept"]) == (True, 32)
        return
    run = bill_due(api, brake=brake) or {}
    assert (run["status"], run["brake_raised"], run["counts"]["kept"]) == ("completed", True, 32)
    assert starts(api, made)[:2] == ["2026-03-10", "2026-04-10"]
    assert [now_of(api, one)["attention"] for one in (made, other)] == [None, None]


@pytest.mark.parametrize("by_clock", [True, False])
def test_only_a_run_of_a_user_bills_those_that_wait_when_resumed(
    api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch, by_clock: bool
) -> None:
    """The clock found them due after an outage, and a user who resumes its run has not seen them."""
    monkeypatch.setattr("invoicing.billing_runs.model.LEAST_BRAKE", 1)
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    made = [subscribe(api, customer_id=customer) for _ in range(2)]
    at.now = datetime(2027, 6, 20, 12, tzinfo=UTC)
    run = (bill_hour(api) if by_clock else bill_due(api)) or {}
    assert (run["status"], run["parked_reason"]) == ("parked", "invoices")
    api.post(f"/billing-runs/{run['id']}/resume", {"brake": {"invoices": 50}}).ok(202)
    after = worked(api, run)
    assert (after["status"], after["brake_raised"]) == ("completed", not by_clock)
    assert (after["counts"]["refused"], after["counts"]["kept"]) == ((2, 0) if by_clock else (0, 32))
    waiting = {"TOO_MANY_PERIODS"} if by_clock else {None}
    assert {(now_of(api, one)["attention"] or {}).get("code") for one in made} == waiting


def test_tracks_that_are_due_on_one_day_share_an_invoice(api: Client, at: Clock) -> None:
    quarter = {"unit": "month", "count": 3}
    items = [item_json("Quartal", "300.00", interval=quarter), item_json("Monat", "5.00", timing="arrears")]
    made = subscribe(api, items=items)
    for month in range(3, 7):
        bill_at(api, at, f"2026-0{month}-10T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["300.00", "5.00", "5.00", "305.00"]


@pytest.mark.parametrize("moments", [("10T12:00", "11T12:00"), ("11T12:00",)], ids=["punctual", "late"])
def test_a_year_a_month_and_the_end_are_billed_together(api: Client, at: Clock, moments: tuple[str, ...]) -> None:
    """Hazard 2: a year in advance renews on the day on which a month in arrears is due, and the last one of all."""
    made = subscribe(
        api,
        action="finalize",
        items=[
            item_json("Jahr", "365.00", interval={"unit": "year"}),
            item_json("Monat", "31.00", timing="arrears"),
        ],
    )
    bill(api, made)
    bill_at(api, at, "2026-12-10T12:00", made)
    at.now = datetime(2027, 3, 9, 12, tzinfo=UTC)
    api.put(f"/subscriptions/{made['id']}/cancellation", {"at": "date", "on": "2027-03-10"}).ok()
    for moment in (one for one in moments for _ in range(2)):
        bill_at(api, at, f"2027-03-{moment}", made)
    found = [(one["id"], one["status"], len(one["items"])) for one in periods(api, made)]
    years = [f"1y-advance.{year}-03-10" for year in (2026, 2027)]
    months = [f"1m-arrears.{2026 + (2 + count) // 12}-{(2 + count) % 12 + 1:02}-10" for count in range(13)]
    assert sorted(found) == sorted((one, "billed", 1) for one in (*years, *months))
    nets = Counter(one["subtotal"] for one in invoices(api, made))
    assert nets == {"365.00": 1, "31.00": 11, "32.00": 1, "1.00": 1}
    assert (now_of(api, made)["status"], now_of(api, made)["attention"]) == ("ended", None)


def test_a_free_first_part_has_no_invoice(api: Client) -> None:
    items = [item_json("Wartung", "49.00", first="free")]
    made = subscribe(api, items=items, anchor={"day": 1})
    bill(api, made)
    assert list(statuses(periods(api, made))) == [("1m-advance.2026-03-10", "skipped")]
    [skipped] = details("subscription.period_skipped")
    assert skipped["data"]["details"] == {"periods": ["1m-advance.2026-03-10"]}
    assert details("subscription.period_billed") == []
    assert invoices(api, made) == []


def test_the_last_occurrence_ends_it(api: Client, at: Clock) -> None:
    made = subscribe(api, start_date="2026-02-01", occurrences={"max": 2}, catch_up="bill")
    bill(api, made)
    after = now_of(api, made)
    assert (len(invoices(api, made)), after["occurrences"], after["ends_on"]) == (
        2,
        {"max": 2, "done": 2},
        "2026-03-31",
    )
    bill_at(api, at, "2026-04-01T04:00", made)
    assert (now_of(api, made)["status"], len(details("subscription.ended"))) == ("ended", 1)


def test_an_ended_item_is_billed_to_its_last_day(api: Client, at: Clock) -> None:
    items = [item_json("Wartung", "31.00", end_date="2026-04-20", timing="arrears")]
    made = subscribe(api, items=items, anchor={"day": 1})
    bill_at(api, at, "2026-05-30T12:00", made)
    assert [one["subtotal"] for one in invoices(api, made)] == ["22.00", "20.67"]
    assert now_of(api, made)["status"] == "ended"


def test_a_pending_subscription_becomes_active(api: Client, at: Clock) -> None:
    made = subscribe(api, start_date="2026-04-01", trial_end="2026-04-30")
    for moment, status in [("2026-04-01T04:00", "trialing"), ("2026-05-01T12:00", "active")]:
        bill_at(api, at, moment, made)
        assert now_of(api, made)["status"] == status
    assert len(details("subscription.activated")) == 1
    assert starts(api, made) == ["2026-05-01"]


def test_a_parked_subscription_follows_the_calendar(api: Client, at: Clock) -> None:
    made = subscribe(api, start_date="2026-04-01")
    api.post(f"/customers/{made['customer_id']}/erase").ok()
    bill_at(api, at, "2026-04-01T12:00", made)
    after = now_of(api, made)
    assert (after["status"], after["attention"]["code"]) == ("active", "CUSTOMER_NOT_FOUND")
    assert len(details("subscription.activated")) == 1


def test_an_invoice_that_cannot_be_issued_stays_a_draft(api: Client, at: Clock) -> None:
    incomplete = api.post("/customers", customer_json(address=None, payment_terms=None)).ok(201)["id"]
    poisoned = subscribe(api, customer_id=incomplete, action="finalize", items=[item_json("Wartung", "500.00")])
    healthy = subscribe(api, action="finalize")
    bill(api, poisoned, healthy)
    [draft], [issued] = invoices(api, poisoned), invoices(api, healthy)
    attention = now_of(api, poisoned)["attention"]
    assert (draft["status"], draft["number"], issued["number"]) == ("draft", None, "INV-2026-000001")
    assert attention["invoice_id"] == draft["id"]
    assert details("subscription.attention")[0]["data"]["details"]["invoice_id"] == draft["id"]
    bill_at(api, at, "2026-04-10T12:00", poisoned, healthy)
    assert (len(invoices(api, poisoned)), len(invoices(api, healthy))) == (1, 2)
    api.delete(f"/invoices/{draft['id']}").ok(204)
    assert now_of(api, poisoned)["attention"] is None
    bill(api, poisoned)
    assert [one["status"] for one in periods(api, poisoned)] == ["released", "draft"]


@pytest.fixture
def waiting(api: Client) -> dict[str, Any]:
    """A subscription whose draft could not be issued, because the customer had no address then."""
    customer = api.post("/customers", customer_json(address=None)).ok(201)["id"]
    made = subscribe(api, customer_id=customer, action="finalize", items=[item_json("Wartung", "500.00")])
    bill(api, made)
    assert now_of(api, made)["attention"]["invoice_id"] == invoices(api, made)[0]["id"]
    api.patch(f"/customers/{customer}", {"address": customer_json()["address"]}).ok()
    return made


@pytest.mark.parametrize("by_run", [False, True], ids=["request", "run"])
def test_a_finalized_draft_ends_the_wait(api: Client, at: Clock, waiting: dict[str, Any], by_run: bool) -> None:
    [draft] = invoices(api, waiting)
    if by_run:
        assert deliver("advance_run", begun(start(api, [draft["id"]]))) == []
    else:
        api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert now_of(api, waiting)["attention"] is None
    bill_at(api, at, "2026-04-10T12:00", waiting)
    assert [one["number"] for one in invoices(api, waiting)] == ["INV-2026-000001", "INV-2026-000002"]


def test_the_next_period_leaves_the_refused_draft_known(api: Client, waiting: dict[str, Any]) -> None:
    [draft] = invoices(api, waiting)
    api.post(f"/subscriptions/{waiting['id']}/periods/1m-advance.2026-04-10", {"action": "bill"}).ok()
    assert now_of(api, waiting)["attention"]["invoice_id"] == draft["id"]
    api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert now_of(api, waiting)["attention"] is None


@pytest.mark.parametrize(
    ("refusal", "code"),
    [(DocumentTooLarge, "DOCUMENT_TOO_LARGE"), (OutcomeUnknown, None), (ZeroDivisionError, "INTERNAL_ERROR")],
)
def test_a_failing_subscription_is_parked_alone(
    api: Client, monkeypatch: pytest.MonkeyPatch, refusal: type[Exception], code: str | None
) -> None:
    """Another error of one subscription does not stop the others, unless a repetition can succeed."""
    made, healthy = subscribe(api), subscribe(api)

    def refuse(store: Any, subscription: Any, *args: Any, **parties: Any) -> Any:
        if subscription.id == made["id"]:
            raise refusal
        return decided_bill(store, subscription, *args, **parties)

    run = api.post("/billing-runs", {"source": "subscriptions"}).ok(202)
    monkeypatch.setattr("invoicing.billing_runs.drafting.decided_bill", refuse)
    monkeypatch.setattr(workflow, "WORK_SECONDS", 0.0)
    failed = deliver_raw("bill_units", step(run, api.tenant_id))
    attention, after = now_of(api, made)["attention"], api.get(f"/billing-runs/{run['id']}").ok()
    assert (attention and attention["code"], starts(api, made)) == (code, [])
    assert (len(invoices(api, healthy)), failed == []) == ((0, False) if refusal is OutcomeUnknown else (1, True))
    counts = {"refused": int(refusal is DocumentTooLarge), "failed": int(refusal is ZeroDivisionError)}
    assert {name: after["counts"][name] for name in counts} == counts


def test_an_erased_customer_parks_its_subscription_alone(api: Client) -> None:
    poisoned, healthy = subscribe(api), subscribe(api)
    api.post(f"/customers/{poisoned['customer_id']}/erase").ok()
    bill(api, poisoned, healthy)
    assert now_of(api, poisoned)["attention"]["code"] == "CUSTOMER_NOT_FOUND"
    assert (starts(api, poisoned), len(invoices(api, healthy))) == ([], 1)


@pytest.mark.parametrize("action", ["draft", "finalize"])
def test_more_lines_than_a_document_has_wait_for_a_user(
    api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """Each tier is a line, so that 50 items can have more than 1,000. Here a document can have two."""
    items = [item_json("Plan", "31.00"), item_json("Später", "31.00", start_date="2026-03-15")]
    made, healthy = subscribe(api, items=items, action=action), subscribe(api)
    bill(api, made)
    monkeypatch.setattr("invoicing.subscriptions.billing.entries.MAX_LINES", 2)
    path = f"/subscriptions/{made['id']}"
    more = {"items": [{"op": "add", "item": item_json("Zusatz", "31.00")} for _ in range(3)]}
    refused = [
        api.post(f"{path}/changes", more),
        api.post("/subscriptions", subscription_json(customer_id=made["customer_id"], items=[*items, items[0]])),
    ]
    api.post(f"{path}/changes", {**more, "at": "date", "on": "2026-04-10"}).ok()
    refused += [api.get(f"{path}/preview"), api.post(f"{path}/periods/1m-advance.2026-04-10", {"action": "bill"})]
    for one in refused:
        assert (one.status, one.code, one.json["errors"][0]["pointer"]) == (422, "DOCUMENT_TOO_LARGE", "/items")
    bill_at(api, at, "2026-04-10T12:00", made)
    assert now_of(api, made)["attention"]["code"] == "DOCUMENT_TOO_LARGE"
    assert (len(invoices(api, made)), len(invoices(api, healthy))) == (1, 2)


def test_a_total_far_above_the_average_waits_for_a_user(api: Client, at: Clock) -> None:
    items = [item_json("Wartung", "50.00"), HIGH]
    made = subscribe(api, items=items)
    bill(api, made)
    bill_at(api, at, "2026-04-10T12:00", made)
    after = now_of(api, made)
    assert (after["mean_total"], after["attention"]["code"], len(invoices(api, made))) == ("59.50", "TOTAL_TOO_HIGH", 1)
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-04-10", {"action": "bill"}).ok()
    assert now_of(api, made)["attention"] is None


def test_customers_of_a_group_have_their_series(api: Client) -> None:
    series = {"invoice_private": {"name": "invoice_private", "pattern": "P-{yyyy}-{n}"}}
    api.patch("/tenant", {"number_series": series}).ok()
    customer = api.post("/customers", customer_json(group="private")).ok(201)["id"]
    made = subscribe(api, customer_id=customer, action="finalize")
    bill(api, made)
    assert [one["number"] for one in invoices(api, made)] == ["P-2026-1"]


@pytest.mark.parametrize("second", ["paused", "free"])
def test_periods_without_a_draft_do_not_keep_a_run_on(api: Client, at: Clock, second: str) -> None:
    """Of the second subscription of a block more is due after periods without a draft. It counts once."""
    yearly = item_json("Domain", "12.00", interval={"unit": "year"})
    free: dict[str, Any] = {"items": [item_json("Wartung", "49.00", first="free")], "anchor": {"day": 1}}
    subscribe(api, items=[yearly])
    at.now += timedelta(seconds=1)
    later = subscribe(api, **(free if second == "free" else {}))
    if second == "paused":
        api.post(f"/subscriptions/{later['id']}/pause", {"from": "2026-03-10", "until": "2026-04-09"}).ok()
    at.now = datetime(2026, 4, 12, 12, tzinfo=UTC)
    run = api.post("/billing-runs", {"source": "subscriptions"}).ok(202)
    for _ in range(3):
        deliver_raw("bill_units", step(run, api.tenant_id))
    counts = api.get(f"/billing-runs/{run['id']}").ok()["counts"]
    assert (counts["selected"], counts["drafted"]) == (2, 2)
    assert worked(api, run)["status"] == "completed"
