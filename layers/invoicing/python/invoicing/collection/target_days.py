"""The days on which banks settle in euros: the calendar of TARGET."""

from datetime import date, timedelta

_CLOSED = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})
_FRIDAY = 4
_DAY = timedelta(days=1)


def is_target_day(day: date) -> bool:
    """Whether banks settle on a day: not at weekends, New Year, Easter, 1 May and Christmas."""
    easter = easter_sunday(day.year)
    return (
        day.weekday() <= _FRIDAY
        and (day.month, day.day) not in _CLOSED
        and day not in (easter - 2 * _DAY, easter + _DAY)
    )


def target_day_from(day: date) -> date:
    """The day itself, or the next one on which banks settle."""
    while not is_target_day(day):
        day += _DAY
    return day


def target_days_after(day: date, count: int) -> date:
    """The day on which banks settle that is so many of them later."""
    for _ in range(count):
        day = target_day_from(day + _DAY)
    return day


def easter_sunday(year: int) -> date:
    """The date of Easter in the Gregorian calendar (the algorithm of Meeus, Jones and Butcher)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    correction = (century + 8) // 25
    epact = (19 * golden + century - century // 4 - (century - correction + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
