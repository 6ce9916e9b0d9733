"""The tests that prove each known hazard of repeated billing to be impossible: all of them exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SOURCE = TESTS.parents[1] / "shared" / "oracles" / "billing-hazards.md"
"""The hazards with their sources, where they are beside the repository."""
LATER = {15, 16, 17, 18}
"""Those of coupons and usage, which the service does not have."""
PROOFS = {
    1: "simulation/test_billing.py::test_fifty_workers_bill_each_period_once",
    2: "functions/events/test_bill_units.py::test_a_year_a_month_and_the_end_are_billed_together",
    3: "simulation/test_canceling.py::test_a_race_of_an_end_and_a_bill_charges_each_day_once",
    4: "unit/test_subscription_periods.py::test_periods_of_48_months_tile_the_calendar",
    5: "unit/test_subscription_schedule.py::test_a_late_run_moves_no_later_period",
    6: "unit/test_subscription_schedule.py::test_every_hour_bills_each_day_once",
    7: "functions/events/test_bill_units.py::test_a_longer_outage_parks_until_a_user_bills",
    8: "unit/test_subscription_schedule.py::test_a_start_in_the_past_bills_each_period_once",
    9: "functions/test_random_previews.py::test_previews_and_dry_runs_equal_the_bills",
    10: "unit/test_subscription_layers.py::test_forty_thousand_sequences_end_at_the_amount",
    11: "unit/test_subscription_pauses.py::test_paused_and_billed_periods_are_those_of_the_grid",
    12: "functions/events/test_bill_units.py::test_billing_again_writes_nothing",
    13: "functions/events/test_advance_run.py::test_deaths_at_every_call_leave_no_gap_in_a_thousand",
    14: "functions/test_subscription_prices.py::test_a_new_version_bills_no_period_again",
    19: "functions/subscriptions/test_set_cancellation.py::test_each_end_charges_the_days_until_it",
    20: "functions/test_subscription_prices.py::test_a_new_version_bills_no_period_again",
}
"""The test of each hazard by its number; of 20, which is about groups of subscriptions, that of the currency."""


@pytest.mark.parametrize("number", PROOFS)
def test_each_hazard_has_its_test(number: int) -> None:
    path, name = PROOFS[number].split("::")
    assert name in {one.name for one in ast.parse((TESTS / path).read_text()).body if isinstance(one, ast.FunctionDef)}


@pytest.mark.skipif(not SOURCE.exists(), reason="The hazards are not beside the repository.")
def test_the_hazards_are_all_that_were_found() -> None:
    found = re.findall(r"^\| (\d+) \|", SOURCE.read_text(), re.MULTILINE)
    assert {int(number) for number in found} - LATER == PROOFS.keys()
