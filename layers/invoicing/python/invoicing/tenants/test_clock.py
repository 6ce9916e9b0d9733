"""A tenant's own clock, which tests set so that a month passes in a second. It exists in the embedded stack only."""

from datetime import datetime, timedelta
from typing import Literal, Self

from invoicing.core.errors import RuleBroken
from invoicing.core.model import Aggregate, Instant, Value


class ClockGoesBack(RuleBroken):
    """The test clock can only be set forward."""

    code = "CLOCK_GOES_BACK"


class SetClock(Value):
    """What time it is from now on."""

    now: Instant


class TenantClock(Aggregate):
    """A clock that was set to a moment and has been running on since, as far ahead of the world's."""

    object: Literal["test_clock"] = "test_clock"
    now: Instant
    ahead: timedelta = timedelta()

    def set_to(self, now: datetime, *, shown: datetime) -> Self:
        """The clock as it goes on from this moment; `shown` is what it shows until then."""
        if now < shown:
            raise ClockGoesBack(pointer="/now")
        return self.model_copy(update={"now": now, "ahead": self.ahead + (now - shown), "updated_at": now})
