"""The sweep finds bugs that a fault or a repetition shows; the simulation finds the others."""

import pytest

from tests.faults import bugs
from tests.faults.sweep import Case, Sweeps

FOUND: dict[bugs.Bug, tuple[str, str]] = {
    bugs.commit_in_several_writes: ("record_payment:4:killed_before", "too much"),
    bugs.consumer_without_its_key: ("render_document:6:answer_lost", "too much"),
    bugs.entry_outside_of_the_outbox: ("record_payment:2:throttled", "each_event_is_published_or_in_the_outbox"),
    bugs.event_about_another_resource: ("credit_invoice:3:throttled", "each_version_of_a_document_has_its_entry"),
    bugs.lost_entry: ("credit_invoice:3:throttled", "each_version_of_a_document_has_its_entry"),
    bugs.lost_response_taken_for_a_refusal: ("record_payment:2:answer_lost", "PAYMENT_EXCEEDS_DUE"),
    bugs.no_idempotency_row: ("record_payment:2:killed_after", "PAYMENT_EXCEEDS_DUE"),
    bugs.number_taken_before_the_commit: ("finalize_invoice:6:killed_before", "numbers_have_no_gap_and_no_double"),
    bugs.settlement_not_recomputed: ("record_payment:2:throttled", "what_is_asked_for_is_settled_or_due"),
}
"""Each bug, with a case that shows it and a part of the report."""


@pytest.mark.parametrize("bug", FOUND, ids=lambda bug: bug.__name__)
def test_the_sweep_finds_a_planted_bug(sweeps: Sweeps, bug: bugs.Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    text, sign = FOUND[bug]
    case = Case.of(text)
    sweep = sweeps.of(case.name)
    assert sweep.undisturbed
    bug(monkeypatch)
    assert sign in " ".join(sweep.wrong(case))


def test_a_failure_prints_the_command_that_repeats_it(sweeps: Sweeps, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [Case.of(text) for text in ("record_payment:2:throttled", "record_payment:2:killed_after")]
    assert sweeps.of("record_payment").undisturbed
    bugs.no_idempotency_row(monkeypatch)
    with pytest.raises(AssertionError, match=r"^uv run pytest .*--case record_payment:2:throttled\n"):
        sweeps.require_sound(cases)
