"""`@internal_event`: consumers of work that one function of this service leaves to another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

from pydantic import BaseModel

from invoicing.consumers.consumer import Consumer, Options, consumer
from invoicing.consumers.source import EventSource, Facts, Task, task_of_detail
from invoicing.core.event import INTERNAL


@dataclass(frozen=True)
class InternalEvents(EventSource):
    """Events that only this service receives."""

    detail: type[BaseModel]
    once: bool = True
    """Whether an event is handled once. Without it, each delivery is handled: the table records the work done."""

    @property
    def senders(self) -> tuple[str, ...]:
        """This service, under the name that its public events do not have."""
        return (INTERNAL,)

    @property
    def description(self) -> str:
        """The trigger, as the README lists it."""
        return "internal event " + ", ".join(f"`{event}`" for event in self.events)

    def read(self, body: str, facts: Facts) -> Task:
        """Get the detail, whose `tenant_id` is the tenant."""
        task = task_of_detail(self.detail, body, facts)
        return task if self.once else task._replace(event_id=None)


def internal_event(
    event: str, *, detail: type[BaseModel], once: bool = True, **options: Unpack[Options]
) -> Callable[[Callable[..., None]], Consumer]:
    """Make a function the consumer of an internal event: `handler(detail, request)`."""
    return consumer(InternalEvents((event,), detail, once), options)
