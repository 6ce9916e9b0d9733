"""`@subscriber` and its kin: functions that work off a queue of events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from invoicing.aws.grants import Grant
from invoicing.consumers.consume import consume, consume_hours, consume_parts
from invoicing.core.event import CLOCK_SET, HOUR_BEGAN, HOUR_PART, HOURS, INTERNAL, SOURCE
from invoicing.http.declaration import Declaration, Layer
from invoicing.http.warm import started


@dataclass(frozen=True, kw_only=True)
class Subscriber(Declaration):
    """A consumer of events from the bus: rule → queue with dead-letter queue → this function.

    `handle(event, request)` is called once per event; what it raises puts that event back into the queue,
    after `attempts` into the dead-letter queue. An event waits `delay` seconds in the queue before it is delivered.
    """

    events: tuple[str, ...]
    handle: Callable[..., None]
    attempts: int = 5
    delay: int = 0
    batch: int = 10
    """How many events one call gets at most: a single one where an event can exhaust the call's time or memory."""
    concurrency: int = 10
    """How many workers consume the queue at the same time, at most, so that a long queue cannot starve the API."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Who tells these events."""
        return (SOURCE,)

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        """Work off one batch of the queue; what failed is reported item by item."""
        return consume(self, event, context)


@dataclass(frozen=True, kw_only=True)
class OutsideSubscriber(Subscriber):
    """A consumer of what another service puts on the bus, for tenants that take events of this source.

    `handle(detail, request)` gets the detail as its model. What it refuses ends in the dead-letter queue with the
    reason.
    """

    outside: str
    detail: type[BaseModel]

    @property
    def sources(self) -> tuple[str, ...]:
        """Who tells these events."""
        return (self.outside,)

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        """Work off one batch of the queue; what failed is reported item by item."""
        from invoicing.consumers.outside import consume_outside

        return consume_outside(self, event, context)


@dataclass(frozen=True, kw_only=True)
class AwsSubscriber(Subscriber):
    """A consumer of what a service of AWS tells, on the account's default bus, about what this deployment asked of it.

    `handle(detail, request)` gets the detail as its model, which says by `tenant_id` whom it is for. `only` is what
    the event's pattern asks of the detail beyond that it is about something of this deployment.
    """

    outside: str
    detail: type[BaseModel]
    only: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """Who tells these events."""
        return (self.outside,)

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        """Work off one batch of the queue; what failed is reported item by item."""
        from invoicing.consumers.notices import consume_notices

        return consume_notices(self, event, context)


@dataclass(frozen=True, kw_only=True)
class InternalSubscriber(Subscriber):
    """A consumer of work that another function of this service left to it.

    `handle(detail, request)` gets the detail as its model, whose `tenant_id` is the tenant it works for.
    """

    detail: type[BaseModel]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources whose events it receives."""
        return (INTERNAL,)

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        """Work off one batch of the queue; what failed is reported item by item."""
        from invoicing.consumers.notices import consume_notices

        return consume_notices(self, event, context)


@dataclass(frozen=True, kw_only=True)
class HourlySubscriber(Subscriber):
    """Something that is done each hour for each tenant, by itself; and at once when a test sets a tenant's clock.

    `handle(tenant, request)` does all that is due by the tenant's clock. It may be called more often than hourly, for
    one tenant by two workers at once, and late: what was done it must know from the table.
    """

    @property
    def sources(self) -> tuple[str, ...]:
        """Who tells these events."""
        return (HOURS, SOURCE)

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        """Work off one batch of the queue; what failed is reported item by item."""
        return consume_hours(self, event, context)


@dataclass(frozen=True, kw_only=True)
class HourPartSubscriber(Subscriber):
    """The consumer that publishes an hour to the tenants, part by part.

    `handle(part)` publishes one part and requests the next one.
    """

    @property
    def sources(self) -> tuple[str, ...]:
        """The event source that it subscribes to."""
        return (HOURS,)

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        """Handle one batch of the queue; failed messages are reported item by item."""
        return consume_parts(self, event, context)


def subscriber(
    *events: str,
    grants: Sequence[Grant],
    layers: Sequence[Layer] = (),
    memory: int = 1024,
    timeout: int = 60,
    delay: int = 0,
    attempts: int = 5,
    batch: int = 10,
) -> Callable[[Callable[..., None]], Subscriber]:
    """Make a function the consumer of these detail types on the bus."""

    def declare(handle: Callable[..., None]) -> Subscriber:
        declared = Subscriber(
            events=events,
            grants=tuple(grants),
            layers=tuple(layers),
            memory=memory,
            timeout=timeout,
            delay=delay,
            attempts=attempts,
            batch=batch,
            handle=handle,
        )
        started(declared.grants)
        return declared

    return declare


def outside_subscriber(
    event: str, *, source: str, detail: type[BaseModel], grants: Sequence[Grant]
) -> Callable[[Callable[..., None]], OutsideSubscriber]:
    """Make a function the consumer of what another service tells under this detail type."""

    def declare(handle: Callable[..., None]) -> OutsideSubscriber:
        declared = OutsideSubscriber(
            events=(event,), outside=source, detail=detail, grants=tuple(grants), timeout=60, handle=handle
        )
        started(declared.grants)
        return declared

    return declare


def aws_subscriber(
    *events: str,
    source: str,
    detail: type[BaseModel],
    grants: Sequence[Grant],
    only: Mapping[str, Any] | None = None,
    opt_in: str | None = None,
    delay: int = 0,
    attempts: int = 5,
) -> Callable[[Callable[..., None]], AwsSubscriber]:
    """Make a function the consumer of what a service of AWS tells under these detail types."""

    def declare(handle: Callable[..., None]) -> AwsSubscriber:
        declared = AwsSubscriber(
            events=events,
            outside=source,
            detail=detail,
            only=only or {},
            opt_in=opt_in,
            delay=delay,
            attempts=attempts,
            grants=tuple(grants),
            timeout=60,
            handle=handle,
        )
        started(declared.grants)
        return declared

    return declare


def internal_subscriber(
    event: str, *, detail: type[BaseModel], grants: Sequence[Grant], delay: int = 0
) -> Callable[[Callable[..., None]], InternalSubscriber]:
    """Make a function the consumer of an internal event."""

    def declare(handle: Callable[..., None]) -> InternalSubscriber:
        declared = InternalSubscriber(
            events=(event,), detail=detail, grants=tuple(grants), delay=delay, timeout=60, handle=handle
        )
        started(declared.grants)
        return declared

    return declare


def hourly(
    *also: str, grants: Sequence[Grant], timeout: int = 300
) -> Callable[[Callable[..., None]], HourlySubscriber]:
    """Make a function one that is run each hour for each tenant, and for the tenant of these events at once."""

    def declare(handle: Callable[..., None]) -> HourlySubscriber:
        events = (HOUR_BEGAN, CLOCK_SET, *also)
        declared = HourlySubscriber(events=events, grants=tuple(grants), timeout=timeout, handle=handle)
        started(declared.grants)
        return declared

    return declare


def hour_part_subscriber(
    *, grants: Sequence[Grant], timeout: int
) -> Callable[[Callable[..., None]], HourPartSubscriber]:
    """Make a function the consumer of the parts of an hour."""

    def declare(handle: Callable[..., None]) -> HourPartSubscriber:
        declared = HourPartSubscriber(events=(HOUR_PART,), grants=tuple(grants), timeout=timeout, handle=handle)
        started(declared.grants)
        return declared

    return declare
