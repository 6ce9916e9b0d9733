"""The days on which a subscription can end: term, notice and renewal, counted as periods are."""

from datetime import date

import pytest
from pydantic import ValidationError

from invoicing.subscriptions.periods import day_after
from invoicing.subscriptions.terms import Renewal, TermSettings, earliest_end, last_day_of_term

MONTH = {"unit": "month", "count": 1}
QUARTER = {"unit": "month", "count": 3}
YEAR = {"unit": "month", "count": 12}
RENEWS = {"mode": "renew"}


def terms(**fields: object) -> TermSettings:
    return TermSettings.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "arrived", "expected"),
    [
        # The example of the contract: a term of 12 months from 2026-02-01, 3 months of notice, renewed for 12 months.
        ({"term": YEAR, "notice": QUARTER, "renewal": RENEWS}, "2026-10-31", "2027-01-31"),
        ({"term": YEAR, "notice": QUARTER, "renewal": RENEWS}, "2026-11-01", "2028-01-31"),
        ({"term": YEAR, "notice": QUARTER, "renewal": RENEWS | MONTH}, "2026-11-01", "2027-02-28"),
        ({"term": YEAR, "notice": QUARTER, "renewal": RENEWS}, "2027-10-31", "2028-01-31"),
        ({"term": YEAR, "renewal": RENEWS}, "2027-01-31", "2027-01-31"),
        ({"term": YEAR, "renewal": {"mode": "end"}, "notice": QUARTER}, "2026-12-24", "2027-01-31"),
        ({"term": YEAR, "notice": MONTH}, "2026-03-10", "2027-01-31"),
        ({"term": YEAR, "notice": MONTH}, "2027-01-31", "2027-02-28"),
        ({"notice": MONTH}, "2026-03-31", "2026-04-30"),
        ({"notice": {"unit": "week", "count": 2}}, "2026-03-31", "2026-04-14"),
        ({}, "2026-03-10", "2026-03-10"),
    ],
)
def test_the_earliest_end_keeps_to_term_and_notice(fields: dict[str, object], arrived: str, expected: str) -> None:
    found = earliest_end(terms(**fields), date(2026, 2, 1), date.fromisoformat(arrived))
    assert found == date.fromisoformat(expected)


@pytest.mark.parametrize("mode", ["renew", "end"])
def test_a_term_without_length_has_no_earliest_end(mode: str) -> None:
    assert earliest_end(terms(renewal={"mode": mode}), date(2026, 2, 1), date(2026, 3, 10)) is None


def test_terms_are_counted_from_the_first_day() -> None:
    """A month that is renewed from 31 January on does not drift to the 28th."""
    renewing = terms(term=MONTH, renewal=RENEWS)
    found = [earliest_end(renewing, date(2026, 1, 31), date(2026, month, 15)) for month in (2, 3, 4)]
    assert found == [date(2026, 2, 27), date(2026, 3, 30), date(2026, 4, 29)]


def test_renewals_by_months_follow_a_term_of_days() -> None:
    mixed = terms(term={"unit": "day", "count": 30}, renewal=RENEWS | MONTH)
    found = [
        earliest_end(mixed, date(2026, 1, 10), day) for day in (date(2026, 2, 1), date(2026, 2, 20), date(2026, 4, 1))
    ]
    assert found == [date(2026, 2, 8), date(2026, 3, 8), date(2026, 4, 8)]


def test_only_a_term_of_mode_end_ends_by_itself() -> None:
    first = date(2026, 2, 1)
    assert last_day_of_term(terms(term=YEAR, renewal={"mode": "end"}), first) == date(2027, 1, 31)
    assert last_day_of_term(terms(term=YEAR, renewal=RENEWS), first) is None
    assert last_day_of_term(terms(term=YEAR), first) is None
    assert last_day_of_term(terms(renewal={"mode": "end"}), first) is None


@pytest.mark.parametrize("fields", [{"mode": "renew", "count": 3}, {"mode": "open", "count": 3, "unit": "month"}])
def test_only_terms_that_renew_have_a_length(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Renewal.model_validate(fields)


def test_months_are_counted_before_days() -> None:
    assert day_after(date(2026, 1, 31), 1, 1) == date(2026, 3, 1)
