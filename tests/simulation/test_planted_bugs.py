"""The simulation of all writers finds bugs that only meetings of writers show."""

import pytest

from tests.faults import bugs
from tests.simulation.office import opened

SEEDS = (29, *range(30))
"""The first one finds the missing condition of the counter, which few other seeds do."""
FOUND: dict[bugs.Bug, str] = {
    bugs.no_version_condition: "paid_is_the_sum_of_the_payments",
    bugs.no_counter_condition: "numbers_have_no_gap_and_no_double",
    bugs.consumer_without_its_key: "was requested 2 times",
}
"""Each bug, with the rule that it breaks."""


@pytest.mark.parametrize("bug", FOUND, ids=lambda bug: bug.__name__)
def test_the_simulation_finds_a_planted_bug(bug: bugs.Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    # In a company of its own: a day also depends on the days before it.
    with opened() as office:
        bug(monkeypatch)
        assert any(FOUND[bug] in " ".join(office.wrong(seed)) for seed in SEEDS)
