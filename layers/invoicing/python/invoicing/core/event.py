"""The base class of events, and how a commit binds them to a resource. Each noun declares its own in `events.py`."""

from collections.abc import Iterable
from typing import Any, ClassVar

from invoicing.core.activity import ActionKey
from invoicing.core.model import Aggregate, Value

SOURCE = "invoicing"
HOURS = "invoicing.hours"
"""The source of events that only this service consumes: the beginning of an hour for a tenant."""
HOUR_BEGAN = "hour.began"
HOUR_PART = "hour.part_requested"
INTERNAL = "invoicing.internal"
"""The source of work that one function of this service leaves to another."""
DOCUMENT_READ = "document.read"
CLOCK_SET = "tenant.clock_set"


class Event(Value):
    """A fact about a resource. Its fields are the entry's `metadata` and the event's `data.details`."""

    name: ClassVar[str]
    subject: ClassVar[type[Aggregate]]
    """The kind of resource that the event is about."""
    action_key: ClassVar[ActionKey]
    in_entry: ClassVar[frozenset[str]] = frozenset()
    """Fields that the timeline's entry itself has, and that are therefore no details."""

    @classmethod
    def entry_type(cls) -> str:
        """The event as the timeline's `type`: `finalized`, `payment_recorded`."""
        return cls.name.partition(".")[2]

    def details(self) -> dict[str, Any]:
        """The facts about the event that are not part of the object."""
        return self.model_dump(mode="json", exclude_none=True, exclude=set(self.in_entry))

    @property
    def comment(self) -> str | None:
        """The text that a person wrote with the event."""
        return None


class Recorded[A: Aggregate]:
    """A resource in its new state, and the events about it in order."""

    __slots__ = ("events", "thing")

    def __init__(self, thing: A, *events: Event) -> None:
        _require_subject(type(thing), events)
        self.thing = thing
        self.events = events

    def __add__(self, more: Iterable[Event]) -> "Recorded[A]":
        return Recorded(self.thing, *self.events, *more)


class About:
    """Events about a resource that the commit names by its id. Its timeline gets an entry for each.

    Unless another part of the commit changes the resource, it has to exist; if it was `deleted` before, only its
    timeline is left.
    """

    __slots__ = ("deleted", "events", "id", "kind")

    def __init__(self, kind: type[Aggregate], id_: str, *events: Event, deleted: bool = False) -> None:
        _require_subject(kind, events)
        self.kind = kind
        self.id = id_
        self.events = events
        self.deleted = deleted


def _require_subject(kind: type[Aggregate], events: Iterable[Event]) -> None:
    for event in events:
        if not issubclass(kind, event.subject):
            raise TypeError(f"{event.name} is about {event.subject.__name__}, not about {kind.__name__}")


type Change = Aggregate | Recorded[Any] | About
"""A part of a commit: a resource, or one with its events."""
