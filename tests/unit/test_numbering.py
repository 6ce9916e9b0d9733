"""Numbers of documents: A29."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from invoicing.domain.numbering import NumberSeries

DAY = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("pattern", "count", "number"),
    [
        ("INV-{yyyy}-{n:06}", 1, "INV-2026-000001"),
        ("{yy}{mm}/{n}", 42, "2603/42"),
        ("R{n:03}", 12345, "R12345"),
        ("{n:012} A", 7, "000000000007 A"),
    ],
)
def test_a_pattern_prints_date_and_count(pattern: str, count: int, number: str) -> None:
    assert NumberSeries(name="invoice", pattern=pattern).number(count, DAY) == number


@pytest.mark.parametrize(
    "pattern", ["INV", "{yyyy}", "{n}{n}", "{n:6}", "{n:00}", "{x}{n}", "{n}<b>", "{n}\n", "{", ""]
)
def test_a_pattern_has_one_counter_and_nothing_strange(pattern: str) -> None:
    with pytest.raises(ValidationError):
        NumberSeries(name="invoice", pattern=pattern)


@given(st.sets(st.integers(1, 10**9), min_size=2, max_size=50), st.sampled_from(["{n}", "A{n:04}B", "{yyyy}-{n:012}"]))
def test_two_counts_never_print_the_same(counts: set[int], pattern: str) -> None:
    series = NumberSeries(name="invoice", pattern=pattern)
    assert len({series.number(count, DAY) for count in counts}) == len(counts)


def test_with_yearly_reset_the_year_of_issue_chooses_the_counter() -> None:
    yearly = NumberSeries(name="invoice", pattern="{n}")
    endless = yearly.model_copy(update={"yearly_reset": False})
    assert (yearly.counter_year(DAY), endless.counter_year(DAY)) == (2026, None)
