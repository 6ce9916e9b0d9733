"""The simulation of all writers finds bugs that only meetings of writers show."""

from collections.abc import Sequence

import pytest

from tests.faults import bugs
from tests.simulation.office import opened
from tests.simulation.requests import COLLECTING, FINALIZING, MATCHING, PAYING, REQUESTS, UPLOADING, Choice

FOUND: dict[bugs.Bug, tuple[str, Sequence[Choice]]] = {
    bugs.no_version_condition: ("paid_is_the_sum_of_the_payments", PAYING),
    bugs.no_counter_condition: ("numbers_have_no_gap_and_no_double", FINALIZING),
    bugs.consumer_without_its_key: ("was requested 2 times", REQUESTS),
    bugs.no_claim_of_an_invoice: ("invoices_have_one_debit_under_way", COLLECTING),
    bugs.no_claim_of_an_entry: ("statements_count_their_transactions", UPLOADING),
    bugs.unchecked_allocation: ("transactions_are_allocated_once", MATCHING),
}
"""Each bug, with the rule that it breaks and requests that often meet it."""


@pytest.mark.parametrize("bug", FOUND, ids=lambda bug: bug.__name__)
def test_the_simulation_finds_a_planted_bug(bug: bugs.Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, choices = FOUND[bug]
    # In a company of its own: a day also depends on the days before it.
    with opened() as office:
        bug(monkeypatch)
        assert any(rule in " ".join(office.wrong(seed, choices)) for seed in range(30))
