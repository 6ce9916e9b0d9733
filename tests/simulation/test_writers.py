"""All writers concurrently, switched at each call to AWS: the books are correct in any order, with any faults."""

import pytest

from tests.simulation.office import Office

SEEDS = 20
PARTS = 10
SEEDS_OF_A_PART = 100


@pytest.mark.parametrize("part", range(4))
def test_the_books_are_in_order_after_a_day(office: Office, part: int) -> None:
    office.require_order(range(SEEDS)[part::4])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_books_are_in_order_after_many_days(office: Office, part: int) -> None:
    office.require_order(range(part * SEEDS_OF_A_PART, (part + 1) * SEEDS_OF_A_PART))


def test_chosen_days_can_be_repeated(office: Office, request: pytest.FixtureRequest) -> None:
    text = request.config.getoption("--seeds", default=None) or "=20"
    numbers = [int(text.removeprefix("="))] if text.startswith("=") else range(int(text))
    office.require_order(numbers)
