"""Where a consumer's messages come from. Each source is a separate module beside this one."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel

from invoicing.core.errors import DomainError
from invoicing.core.identity import Caller
from invoicing.core.model import Model
from invoicing.http.request import now_for
from invoicing.store.retry import LOST_RACES
from invoicing.store.session import Session
from invoicing.store.store import Store

type Facts = dict[str, object]
"""The fields of a message's log line."""


class EventId(NamedTuple):
    """The id of an event, which is unique for its sender only."""

    sender: str
    id: str


class Task(NamedTuple):
    """The arguments of the handler for one message."""

    detail: Any
    """The handler's first argument."""
    tenant_id: str | None = None
    """The tenant that the handler works for. None: the handler gets no request."""
    time_zone: str | None = None
    """The tenant's time zone, if the source has read its settings."""
    event_id: EventId | None = None
    """The event whose changes are committed once. None: the handler is called for every delivery."""


@dataclass(frozen=True)
class EventSource(ABC):
    """The EventBridge events that a consumer subscribes to, and how a message becomes a task.

    `events` are detail types.
    """

    events: tuple[str, ...]
    lost_races: ClassVar[tuple[type[DomainError], ...]] = LOST_RACES
    """Refusals after which the handler is called again with the newest state."""
    expects_refusals: ClassVar[bool] = False
    """Whether a refusal is the sender's mistake. It is logged then and raises no alarm of this service."""

    @property
    @abstractmethod
    def senders(self) -> tuple[str, ...]:
        """The values of `source` in the events."""

    @property
    def description(self) -> str:
        """The trigger, as the README lists it."""
        sender = " or ".join(self.senders)
        return "event " + ", ".join(f"`{event}` of `{sender}`" for event in self.events)

    @abstractmethod
    def read(self, body: str, facts: Facts) -> Task | None:
        """Get the task from a message and add its log facts. None: the message is too old to be handled."""

    def is_final(self, error: Exception) -> bool:  # noqa: ARG002 — sources override it
        """Whether a retry cannot succeed, so that the message goes to the dead-letter queue at once."""
        return False


class _Envelope(Model):
    id: str
    detail: dict[str, Any]


def task_of_detail(detail: type[BaseModel], body: str, facts: Facts) -> Task:
    """Get the task from an event of EventBridge whose detail names the tenant."""
    event = _Envelope.model_validate_json(body)
    read: Any = detail.model_validate(event.detail)
    facts |= {"event_id": event.id, "tenant_id": read.tenant_id}
    return Task(read, read.tenant_id, event_id=EventId("aws", event.id))


def store_of(tenant_id: str) -> Store:
    """The store in which a source reads the tenant's settings."""
    return Store(Session(Caller.system(tenant_id), now_for(tenant_id)))
