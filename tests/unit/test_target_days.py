"""The days on which banks settle, compared with another calendar."""

from datetime import date, timedelta

import holidays

from invoicing.collection.target_days import is_target_day, target_day_from, target_days_after

CLOSED_ONCE = {date(1999, 12, 31), date(2001, 12, 31)}
"""Days that TARGET was closed for the change of the millennium and to euro coins."""
OPEN_IN_1999 = {date(1999, 4, 2), date(1999, 4, 5)}
"""Easter of the first year, whose holidays were fewer. 1 May and 26 December were at weekends."""


def test_the_calendar_of_a_century_is_that_of_the_ecb() -> None:
    official = holidays.financial_holidays("ECB", years=range(1999, 2100))
    days = [date(1999, 1, 1) + timedelta(number) for number in range(36_890)]
    assert days[-1] == date(2099, 12, 31)
    different = {day for day in days if is_target_day(day) != (day.weekday() < 5 and day not in official)}
    assert different == CLOSED_ONCE | OPEN_IN_1999


def test_days_move_over_easter_and_christmas() -> None:
    assert target_day_from(date(2027, 3, 25)) == date(2027, 3, 25)
    assert target_day_from(date(2027, 3, 26)) == date(2027, 3, 30)
    assert target_days_after(date(2026, 12, 24), 1) == date(2026, 12, 28)
    assert target_days_after(date(2026, 12, 31), 5) == date(2027, 1, 8)
    assert target_days_after(date(2026, 12, 26), 0) == date(2026, 12, 26)
