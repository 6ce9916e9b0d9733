"""`@queued`: the consumer of a queue into which functions of this service put messages themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Unpack

from pydantic import BaseModel

from invoicing.consumers.consumer import Consumer, Options, consumer
from invoicing.consumers.source import EventSource, Facts, Task


@dataclass(frozen=True)
class OwnQueue(EventSource):
    """A queue of this service, by its name in the data stack. Its messages have this form, with a `tenant_id`."""

    name: str
    detail: type[BaseModel]

    @property
    def senders(self) -> tuple[str, ...]:
        """No event: functions send the messages."""
        return ()

    @property
    def description(self) -> str:
        """The trigger, as the README lists it."""
        return f"message in the queue of {self.name}"

    def read(self, body: str, facts: Facts) -> Task:
        """Get the message. Each delivery is handled, and has to notice work that is done."""
        message: Any = self.detail.model_validate_json(body)
        facts |= message.model_dump()
        return Task(message, message.tenant_id)


def queued(
    name: str, *, detail: type[BaseModel], **options: Unpack[Options]
) -> Callable[[Callable[..., None]], Consumer]:
    """Make a function the consumer of a queue of this service: `handler(message, request)`."""
    return consumer(OwnQueue((), name, detail), options)
