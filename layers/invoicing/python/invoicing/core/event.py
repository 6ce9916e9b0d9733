"""What an event is; which there are stands in `events`, so that no function loads those it does not tell of."""

from collections.abc import Sequence
from typing import Any, ClassVar

from invoicing.core.activity import ActionKey
from invoicing.core.model import Aggregate, Value

SOURCE = "invoicing"
HOURS = "invoicing.hours"
"""The source of what only we listen to: that an hour began for a tenant."""
HOUR_BEGAN = "hour.began"
HOUR_PART = "hour.part_requested"
INTERNAL = "invoicing.internal"
"""The source of work that one function of this service leaves to another."""
DOCUMENT_READ = "document.read"
CLOCK_SET = "tenant.clock_set"


class Event(Value):
    """Something that happened to a thing. Its fields are the entry's `metadata` and the event's `data.details`."""

    name: ClassVar[str]
    action_key: ClassVar[ActionKey]
    in_entry: ClassVar[frozenset[str]] = frozenset()
    """Fields that the timeline's entry itself shows, and that are no details therefore."""

    @classmethod
    def entry_type(cls) -> str:
        """The event as the timeline's `type` says it: `finalized`, `payment_recorded`."""
        return cls.name.partition(".")[2]

    def details(self) -> dict[str, Any]:
        """What is to be known about it beyond the thing itself."""
        return self.model_dump(mode="json", exclude_none=True, exclude=set(self.in_entry))

    @property
    def comment(self) -> str | None:
        """What a person wrote with it."""
        return None


Told = Sequence[Aggregate | Event]
"""Things and events in order: each event tells of the document, customer or order named last before it."""
