"""`@bus_event`: consumers of the events that this service publishes on its bus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Unpack

from pydantic import ConfigDict

from invoicing.consumers.consumer import Consumer, Options, consumer
from invoicing.consumers.source import EventId, EventSource, Facts, Task
from invoicing.core.event import SOURCE
from invoicing.core.model import Model


class EventResource(Model):
    """The resource that an event is about."""

    model_config = ConfigDict(frozen=True)

    object: str
    id: str
    version: int


class BusEvent(Model):
    """An event of the bus. Unknown fields are ignored."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    tenant_id: str
    occurred_at: str
    actor: dict[str, Any] | None = None
    """The user who caused the event: id and name."""
    resource: EventResource
    data: dict[str, Any]

    @property
    def details(self) -> dict[str, Any]:
        """The fields of the event beside the resource."""
        found: dict[str, Any] = self.data.get("details", {})
        return found


class _Message(Model):
    detail: BusEvent


@dataclass(frozen=True)
class BusEvents(EventSource):
    """Events of this service. `present`: fields of the event that must be there (True) or must be absent (False)."""

    present: Mapping[str, bool] = field(default_factory=dict)
    once: bool = True
    """Whether an event is handled once. Without it, each delivery is handled and has to write the same."""

    @property
    def senders(self) -> tuple[str, ...]:
        """This service."""
        return (SOURCE,)

    @property
    def description(self) -> str:
        """The trigger, as the README lists it."""
        if not self.events:
            return "every event of this service"
        conditions = [f" {'with' if wanted else 'without'} `{name}`" for name, wanted in self.present.items()]
        return "event " + ", ".join(f"`{event}`" for event in self.events) + "".join(conditions)

    def read(self, body: str, facts: Facts) -> Task:
        """Get the event."""
        event = _Message.model_validate_json(body).detail
        facts |= {"event_id": event.id, "event_type": event.type, "tenant_id": event.tenant_id}
        return Task(event, event.tenant_id, event_id=EventId("events", event.id) if self.once else None)


def bus_event(
    *events: str, present: Mapping[str, bool] | None = None, once: bool = True, **options: Unpack[Options]
) -> Callable[[Callable[..., None]], Consumer]:
    """Make a function the consumer of these events: `handler(event: BusEvent, request)`."""
    return consumer(BusEvents(events, present or {}, once), options)
