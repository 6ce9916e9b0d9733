"""A tenant's own clock, which tests set so that a month passes in a second. It exists in the embedded stack only."""

from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Literal, Self

from pydantic import PlainSerializer, WithJsonSchema

from invoicing.core.errors import RuleBroken
from invoicing.core.model import Aggregate, Instant, Value


def _iso(duration: timedelta) -> str:
    # Pydantic would write each 365 days as a year, which RFC 3339 allows before months only.
    return f"P{duration.days}DT{duration.seconds}S"


Seconds = Annotated[
    timedelta,
    PlainSerializer(_iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "duration"}),
]
"""A duration of whole seconds, written in ISO 8601 and RFC 3339 as days and seconds."""


class ClockGoesBack(RuleBroken):
    """The test clock can only be set forward.

    Send a time after the one that the clock shows.
    """

    code = "CLOCK_GOES_BACK"


class SetClock(Value):
    """The time of the tenant's test clock."""

    now: Instant
    """New time. It cannot be before the time that the clock shows."""


class TenantClock(Aggregate):
    """The test clock of a tenant, which runs on from the time that it was set to."""

    object: Literal["test_clock"] = "test_clock"
    now: Instant
    """Time that the clock was set to."""
    ahead: Seconds = timedelta()
    """Difference between the clock and the real time, as an ISO 8601 duration of days and seconds."""

    def set_to(self, now: datetime, *, shown: datetime) -> Self:
        """The clock as it continues from this moment; `shown` is the time that it shows until then."""
        if now < shown:
            raise ClockGoesBack(pointer="/now")
        ahead = timedelta(seconds=ceil((self.ahead + (now - shown)).total_seconds()))
        return self.model_copy(update={"now": now, "ahead": ahead, "updated_at": now})
