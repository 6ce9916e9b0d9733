"""Numbers of documents: A29."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from invoicing.core.errors import ConcurrentModification
from invoicing.core.identity import Caller
from invoicing.numbering import table
from invoicing.numbering.model import NumberSeries, can_collide
from invoicing.numbering.table import (
    NUMBER_WRITES,
    Counter,
    CounterState,
    SeriesMoved,
    Taken,
    count_sort,
    keys_to_issue,
    reference_taken,
    series_key,
    taken_by,
)
from invoicing.store.session import Session
from tests.aws import ENVIRONMENT
from tests.builders import NOON

DAY = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("pattern", "count", "number"),
    [
        ("INV-{yyyy}-{n:06}", 1, "INV-2026-000001"),
        ("{yy}{mm}/{n}", 42, "2603/42"),
        ("R{n:03}", 12345, "R12345"),
        ("{n:012} A", 7, "000000000007 A"),
        ("094259216|{dd}/{mm}/{yyyy}|0|1.1|A|{n}", 7, f"094259216|{DAY:%d/%m/%Y}|0|1.1|A|7"),
    ],
)
def test_a_pattern_prints_date_and_count(pattern: str, count: int, number: str) -> None:
    assert NumberSeries(name="invoice", pattern=pattern).number(count, DAY) == number


@pytest.mark.parametrize(
    "pattern", ["INV", "{yyyy}", "{n}{n}", "{n:6}", "{n:00}", "{x}{n}", "{n}<b>", "{n}\n", "{", ""]
)
def test_a_pattern_has_one_counter_and_valid_characters(pattern: str) -> None:
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


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("R{yyyy}-{n}", "R{yyyy}-{n:01}", True),
        ("R{n:02}", "R{n:03}", True),
        ("R{yyyy}{n:04}", "R{n}", True),
        ("R2{n:02}", "R{n}", True),
        ("R0{n}", "R{n}", False),
        ("R123{n:09}", "R{n}", True),
        ("R1234{n:09}", "R{n}", False),
        ("{yy}{mm}-{n}", "{yyyy}-{n:06}", True),
        ("R{n}", "G{n}", False),
        ("R1{n:05}", "R2{n:05}", False),
        ("R{yyyy}-{n}", "R{yyyy}/{n}", False),
        ("R{yyyy}-{n}", "R{yy}-{n}", False),
        ("R99{mm}-{n}", "R{yyyy}-{n}", False),
        ("R{mm}-{n}", "R13-{n}", True),
        ("R1-{n}", "R{n}-1", True),
        ("R{n:05}-{yyyy}", "R{n:05}-{yy}", False),
        ("{n:04}A", "A{n:04}", False),
    ],
)
def test_patterns_are_compared_by_their_possible_numbers(one: str, other: str, collide: bool) -> None:
    first, second = (NumberSeries(name="invoice", pattern=pattern) for pattern in (one, other))
    assert can_collide(first, second) is can_collide(second, first) is collide


PATTERNS = st.tuples(
    st.lists(st.sampled_from(["{yyyy}", "{yy}", "{mm}", "0", "1", "20", "A", "-"]), max_size=3).map("".join),
    st.sampled_from(["{n}", "{n:02}", "{n:04}"]),
    st.lists(st.sampled_from(["{yy}", "7", "-"]), max_size=2).map("".join),
).map("".join)


@given(PATTERNS, PATTERNS, st.integers(1, 20_250_999), st.integers(1, 99_999), st.dates(DAY, date(2031, 1, 1)))
def test_equal_numbers_come_from_colliding_patterns(
    one: str, other: str, count: int, other_count: int, day: date
) -> None:
    first, second = (NumberSeries(name="invoice", pattern=pattern) for pattern in (one, other))
    if first.number(count, day) == second.number(other_count, DAY):
        assert can_collide(first, second)
    assert can_collide(first, first)


def test_a_lost_number_shows_where_its_series_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", ENVIRONMENT["TABLE_NAME"])
    series = NumberSeries(name="invoice", pattern="R{n}")
    counter = Counter(series_key("ten_1", "invoice", None), series, DAY, CounterState(1, 5))
    owners = (Taken("R5", "inv_1"), Taken("R6", "inv_2"))
    [write, *others] = taken_by(counter, *owners)(Session(Caller.system("ten_1"), NOON))
    assert len(others) == NUMBER_WRITES * len(owners)
    moved = write.refuse({"first": {"N": "1"}, "next": {"N": "8"}})
    assert isinstance(moved, SeriesMoved)
    assert moved.counter.number == "R8"
    assert isinstance(write.refuse(None), ConcurrentModification)


@pytest.mark.parametrize(
    ("now", "years"), [("12-30", [2025]), ("12-31", [2025, 2026]), ("01-01", [2025, 2026]), ("01-02", [2026])]
)
def test_the_counters_of_both_years_are_read_at_new_year(now: str, years: list[int]) -> None:
    noon = datetime.fromisoformat(f"{2025 if now > '06' else 2026}-{now}T12:00:00").replace(tzinfo=UTC)
    keys = keys_to_issue("ten_1", "invoice", None, noon)
    assert set(keys) == {series_key("ten_1", "invoice", year) for year in (*years, None)}


@pytest.mark.parametrize("state", [None, CounterState(1, 5)])
def test_a_reference_takes_its_count_and_those_before_it(
    monkeypatch: pytest.MonkeyPatch, state: CounterState | None
) -> None:
    monkeypatch.setenv("TABLE_NAME", ENVIRONMENT["TABLE_NAME"])
    counter = Counter(series_key("ten_1", "mandate", None), NumberSeries(name="mandate", pattern="M{n}"), DAY, state)
    moved, count = reference_taken(counter, 2, "pm_1")(Session(Caller.system("ten_1"), NOON))
    item, change = count.request["Put"]["Item"], moved.request
    assert (item["SK"], item["invoice_id"]) == ({"S": count_sort(counter.next + 2)}, {"S": "pm_1"})
    values = change["Update"]["ExpressionAttributeValues"] if state else change["Put"]["Item"]
    assert {"N": str(counter.next + 3)} in values.values()
    assert (moved.rank, count.rank) == (3, 0), "a lost race for the count precedes a taken reference, of rank 2"


def test_a_report_reads_the_latest_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def stored(asked: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"SK": {"S": count_sort(7)}}] if asked["ConsistentRead"] else []

    monkeypatch.setenv("TABLE_NAME", ENVIRONMENT["TABLE_NAME"])
    monkeypatch.setattr(table, "items_of", stored)
    assert table.counts_between(series_key("ten_1", "invoice", None), 1, 9) == [7]
