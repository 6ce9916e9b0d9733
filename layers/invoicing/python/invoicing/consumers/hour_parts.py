"""`@hour_part`: the consumer that publishes an hour to the tenants, part by part."""

from collections.abc import Callable
from typing import Unpack

from invoicing.consumers.consumer import Consumer, Options, consumer
from invoicing.consumers.source import EventSource, Facts, Task
from invoicing.core import clock
from invoicing.core.event import HOUR_PART, HOURS
from invoicing.core.model import Model
from invoicing.core.tolerant import read
from invoicing.outbox.hour_part import HourPart


class _Message(Model):
    detail: HourPart


class HourParts(EventSource):
    """The parts of an hour, each for some of the tenants."""

    @property
    def senders(self) -> tuple[str, ...]:
        """The hours."""
        return (HOURS,)

    @property
    def description(self) -> str:
        """The trigger, as the README lists it."""
        return "each hour, for each part of the tenants"

    def read(self, body: str, facts: Facts) -> Task | None:
        """Get the part. A part of an hour that is over is dropped."""
        part = read(_Message, body).detail
        facts |= {"occurred_at": part.occurred_at, "after": part.after, "tenants": len(part.tenants)}
        return None if part.is_over(clock.now()) else Task(part)


def hour_part(**options: Unpack[Options]) -> Callable[[Callable[..., None]], Consumer]:
    """Make a function the consumer of the parts of an hour: `handler(part)`."""
    return consumer(HourParts((HOUR_PART,)), options)
