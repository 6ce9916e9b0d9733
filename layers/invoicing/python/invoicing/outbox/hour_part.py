"""An hour, as it is published to all tenants: part by part, so that no function has to reach all of them."""

from datetime import datetime, timedelta
from typing import Self

from invoicing.core.model import Instant, Value

_HOUR = timedelta(hours=1)


class HourPart(Value):
    """Some of the tenants that an hour is published to.

    Those after the tenant `after` (None: from the first on); or exactly `tenants`, which the bus did not accept before.
    """

    occurred_at: Instant
    after: str | None = None
    tenants: tuple[str, ...] = ()

    def next_after(self, after: str) -> Self:
        """The part after the last tenant of this one."""
        return self.model_copy(update={"after": after})

    def retry(self, tenants: tuple[str, ...]) -> Self:
        """The part with those that were not reached."""
        return self.model_copy(update={"after": None, "tenants": tenants})

    def is_over(self, now: datetime) -> bool:
        """Whether the next hour has begun, which includes all work of this one."""
        return now - self.occurred_at >= _HOUR
