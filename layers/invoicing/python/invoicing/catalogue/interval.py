"""The length of billing periods, and when they are billed."""

from typing import Annotated, Final, Literal

from pydantic import Field

from invoicing.core.model import Value

IntervalUnit = Literal["day", "week", "month", "year"]
"""One of `day`, `week`, `month` or `year`."""
Timing = Literal["advance", "arrears"]
"""`advance` bills a period at its start, `arrears` after its end."""
_MONTHS: Final = {"day": 0, "week": 0, "month": 1, "year": 12}
_DAYS: Final = {"day": 1, "week": 7, "month": 0, "year": 0}


class Interval(Value):
    """The length of the periods."""

    unit: IntervalUnit
    """Unit of the interval."""
    count: Annotated[int, Field(ge=1, le=366)] = 1
    """Number of units in a period, 1 to 366. A quarter has 3 months."""

    @property
    def code(self) -> str:
        """The interval in the identifier of a track, such as `1m`."""
        return f"{self.count}{self.unit[0]}"

    @property
    def months(self) -> int:
        """The number of months, 0 for an interval of days."""
        return self.count * _MONTHS[self.unit]

    @property
    def days(self) -> int:
        """The number of days, 0 for an interval of months."""
        return self.count * _DAYS[self.unit]
