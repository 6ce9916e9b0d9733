"""Billing runs: their brake, counts, totals and numbers."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicing.billing_runs.events import end_of
from invoicing.billing_runs.model import BillingRun, Brake
from invoicing.billing_runs.outcome import Decision, Issued, Outcome, RunResult
from invoicing.billing_runs.requests import BrakeData
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.invoices.errors import InvalidState
from tests.builders import NOON

MOMENT = Moment(Caller.system(new_id("ten", NOON)), NOON)


def run(selected: int = 100, **brake: Any) -> BillingRun:
    bounds = Brake(**{"invoices": 1_000, **brake})
    return BillingRun.started(
        new_id("brn", NOON), "drafts", {"send": True, "brake": bounds}, selected=selected, ended=True, moment=MOMENT
    )


def decision(outcome: Outcome = "finalized", **fields: Any) -> Decision:
    facts: dict[str, Any] = {
        "number": "INV-2026-000001",
        "series": "invoice",
        "year": 2026,
        "issue_date": date(2026, 3, 10),
        "currency": "EUR",
        "tax": Decimal("19.00"),
        "total": Decimal("119.00"),
        "sent": True,
    }
    result = RunResult(invoice_id=new_id("inv", NOON), outcome=outcome)
    return Decision(result, Issued(**{**facts, **fields}) if outcome == "finalized" else None)


@pytest.mark.parametrize(
    ("documents", "bound"),
    [([], 100), ([10], 100), ([40, 0], 120), ([200, 300, 1], 900), ([34, 34, 35], 105), ([10**6] * 3, 10**6)],
)
def test_the_default_brake_is_three_times_the_largest(documents: list[int], bound: int) -> None:
    assert Brake.after_runs(documents).invoices == bound


def test_a_brake_keeps_the_bounds_that_are_not_given() -> None:
    brake = Brake(invoices=7, total={"EUR": Decimal("1.00")})
    assert BrakeData().applied_to(brake) == brake
    assert BrakeData(refused_percent=50).applied_to(brake) == brake.model_copy(update={"refused_percent": 50})
    assert BrakeData(total={}).applied_to(brake).total == {}


def test_decisions_add_up_to_counts_totals_and_numbers() -> None:
    after = run(6).decided(
        [
            decision(number="A-1"),
            decision("refused"),
            decision(number="A-2", total=Decimal("1.00"), tax=Decimal("0.16"), issue_date=date(2026, 1, 5)),
            decision(number="B-1", series="invoice_b2b", currency="CHF"),
            decision("skipped"),
        ],
        MOMENT,
    )
    assert (after.status, after.left) == ("finalizing", 1)
    counts = {"selected": 6, "finalized": 3, "sent": 3, "skipped": 1, "refused": 1}
    assert {name: count for name, count in after.counts if count} == counts
    assert after.totals["EUR"].model_dump() == {"net": "100.84", "tax": "19.16", "total": "120.00"}
    assert after.totals["CHF"].total == Decimal("119.00")
    assert [(one.series, one.first, one.last) for one in after.numbers] == [
        ("invoice", "A-1", "A-2"),
        ("invoice_b2b", "B-1", "B-1"),
    ]
    assert after.date_range is not None
    assert (after.date_range.first, after.date_range.last) == (date(2026, 1, 5), date(2026, 3, 10))
    completed = after.decided([decision("failed")], MOMENT)
    assert (completed.status, completed.ended_at, completed.active_source) == ("completed", NOON, None)
    assert [one.name for one in end_of(completed)] == ["billing_run.completed"]
    assert end_of(after) == ()


@pytest.mark.parametrize(
    ("refused", "decided", "parked"), [(2, 19, False), (2, 20, True), (1, 20, False), (3, 31, False), (3, 30, True)]
)
def test_a_tenth_of_refused_documents_parks_a_run(refused: int, decided: int, *, parked: bool) -> None:
    decisions = [decision("refused")] * (refused - 1) + [decision("failed")] + [decision()] * (decided - refused)
    after = run().decided(decisions, MOMENT)
    assert (after.status, after.parked_reason) == (("parked", "refused") if parked else ("finalizing", None))


def test_the_last_document_completes_a_run_over_its_bound() -> None:
    assert run(20).decided([decision("refused")] * 20, MOMENT).status == "completed"


def test_totals_have_bounds_by_currency() -> None:
    after = run(total={"EUR": Decimal("238.00")}).decided([decision()], MOMENT)
    further = [("EUR", Decimal("119.00")), ("EUR", Decimal("119.01")), ("CHF", Decimal("119.01"))]
    assert [after.would_exceed(*one) for one in further] == [False, True, False]


def test_a_selection_above_the_bound_parks_before_any_document() -> None:
    assert run(1_001).exceeded == "invoices"
    collecting = run(900).model_copy(update={"status": "collecting"})
    assert collecting.collected(101, ended=True, moment=MOMENT).parked_reason == "invoices"
    assert collecting.collected(101, ended=False, moment=MOMENT).status == "collecting"


def test_a_search_without_drafts_completes_the_run() -> None:
    collecting = run(0).model_copy(update={"status": "collecting"})
    assert collecting.collected(0, ended=True, moment=MOMENT).status == "completed"


def test_only_parked_runs_resume_and_ended_ones_stay() -> None:
    parked = run().parked("refused", MOMENT)
    brake = parked.brake.model_copy(update={"refused_percent": 50})
    resumed = parked.resumed(brake, MOMENT)
    assert (resumed.status, resumed.parked_reason, resumed.brake) == ("finalizing", None, brake)
    with pytest.raises(InvalidState) as active:
        resumed.resumed(brake, MOMENT)
    assert (parked.allowed_actions, active.value.allowed_actions) == (("resume", "cancel"), ("cancel",))
    canceled = resumed.canceled(MOMENT)
    assert (canceled.status, canceled.ended_at, canceled.is_active) == ("canceled", NOON, False)
    for ended in (canceled, run(1).decided([decision()], MOMENT)):
        with pytest.raises(InvalidState) as refused:
            ended.canceled(MOMENT)
        assert refused.value.allowed_actions == ()


def test_a_bound_of_100_percent_never_parks() -> None:
    refused = [decision("refused")] * 20
    assert run(refused_percent=99).decided(refused, MOMENT).parked_reason == "refused"
    assert run(refused_percent=100).decided(refused, MOMENT).parked_reason is None


def due_run(selected: int = 3, **brake: Any) -> BillingRun:
    bounds = Brake(**{"invoices": 1_000, **brake})
    options = {"up_to": date(2026, 3, 10), "brake": bounds}
    return BillingRun.started(
        new_id("brn", NOON), "subscriptions", options, selected=selected, ended=True, moment=MOMENT
    )


def test_a_run_over_subscriptions_drafts_then_finalizes() -> None:
    """One has two invoices, one is refused, and one has one: three drafts and four results."""
    refused = decision("refused").result
    first = due_run().billed([refused], drafts=1, further=1, subscriptions=1, moment=MOMENT)
    assert (first.status, first.counts.selected, first.left) == ("drafting", 4, 3)
    drafted = first.billed([], drafts=2, further=0, subscriptions=2, moment=MOMENT)
    assert (drafted.status, drafted.counts.drafted, drafted.position) == ("finalizing", 3, 0)
    after = drafted.decided([decision(), decision("kept")], MOMENT)
    assert (after.status, after.position, after.left) == ("finalizing", 2, 1)
    assert after.decided([decision("refused")], MOMENT).status == "completed"


def test_a_run_without_drafts_completes() -> None:
    after = due_run(1).billed([decision("skipped").result], drafts=0, further=0, subscriptions=1, moment=MOMENT)
    assert (after.status, after.active_source) == ("completed", None)


def test_a_run_parked_while_it_drafts_keeps_its_source() -> None:
    """Another run would bill the same subscriptions without its brake."""
    parked = due_run(3, invoices=3).billed([], drafts=1, further=1, subscriptions=0, moment=MOMENT)
    assert (parked.status, parked.parked_reason, parked.active_source) == ("parked", "invoices", "subscriptions")
    resumed = parked.resumed(Brake(invoices=9), MOMENT)
    assert (resumed.status, resumed.continues_as) == ("drafting", None)
    later = resumed.billed([], drafts=3, further=0, subscriptions=3, moment=MOMENT).parked("refused", MOMENT)
    assert (later.continues_as, later.active_source) == ("finalizing", None)


def test_a_run_at_its_total_finalizes_its_drafts_before_others() -> None:
    """One of three subscriptions is refused; the draft of the last one exceeds the bound until another is refused."""
    total = {"EUR": Decimal("119.00")}
    first = due_run(3, total=total).billed([decision("skipped").result], drafts=1, further=0, subscriptions=2,
                                           totals=total, moment=MOMENT)  # fmt: skip
    assert first.would_exceed("EUR", Decimal("0.01"))
    finalizing = first.at_total(MOMENT)
    assert (finalizing.status, finalizing.position, finalizing.left) == ("finalizing", 0, 2)
    parked = finalizing.parked("failure", MOMENT)
    assert (parked.continues_as, parked.active_source) == ("finalizing", "subscriptions")
    full, room = (finalizing.decided([decision(one)], MOMENT) for one in ("finalized", "refused"))
    assert (full.status, full.at_total(MOMENT).parked_reason, full.at_total(MOMENT).continues_as) == (
        "drafting", "total", "drafting",
    )  # fmt: skip
    assert (full.would_exceed("EUR", Decimal("0.01")), room.would_exceed("EUR", Decimal("119.00"))) == (True, False)
    second = room.billed([], drafts=1, further=0, subscriptions=1, totals=total, moment=MOMENT)
    assert (second.status, second.position, second.in_hand) == ("finalizing", 1, None)
    assert second.decided([decision()], MOMENT).status == "completed"
