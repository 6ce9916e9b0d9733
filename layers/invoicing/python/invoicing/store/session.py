"""One caller's work at one moment, with the rows it read, so that writes can be compared with them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from invoicing.core.errors import ConcurrentModification, VersionMismatch
from invoicing.core.identity import Caller, Moment
from invoicing.core.model import Aggregate, local_date
from invoicing.store.keys import Key
from invoicing.store.rows.revisions import Row
from invoicing.store.rows.stored import Stored


class IfMatch(NamedTuple):
    """The version that a client expects a resource to have."""

    id: str
    version: int


class Content(NamedTuple):
    """The stored content of a resource: the head's revision when it was written, and its number of parts."""

    revision: int
    parts: int


@dataclass
class Session:
    """The rows that one caller read. Writes are compared with them."""

    caller: Caller
    now: datetime
    if_match: IfMatch | None = None
    shows: bool = False
    """Whether the session is read-only and shows rows of newer code."""
    ends: float = math.inf
    """The end of the invocation, by the monotonic clock."""
    until: float = math.inf
    """The time until which to wait for other writers, by the monotonic clock."""
    loaded: dict[str, Aggregate] = field(default_factory=dict)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    """The counters of the rows that were read, by kind and id: a tenant and its clock share one id."""
    stored: dict[Key, Stored] = field(default_factory=dict)
    """The items that were read, so that fields of newer code are written again."""
    contents: dict[str, Content] = field(default_factory=dict)
    time_zone: str | None = None
    """The time zone in the tenant's settings, once they were read."""

    def fresh(self, until: float) -> "Session":
        """The same work with nothing read yet but the tenant's time zone."""
        return Session(self.caller, self.now, self.if_match, self.shows, self.ends, until, time_zone=self.time_zone)

    @property
    def day_shown(self) -> date:
        """The tenant's calendar date for values that are shown and decide nothing."""
        return local_date(self.now, self.time_zone or self.caller.time_zone)

    @property
    def moment(self) -> Moment:
        """Who makes the changes of this session, and when."""
        return Moment(self.caller, self.now, self.time_zone)

    def read(self, thing: Aggregate, item: Mapping[str, Any]) -> None:
        """Remember a resource and the row it was read from. Refuses it if the client expects another version."""
        self.loaded[thing.id] = thing
        self.rows[thing.object, thing.id] = Row.of(item)
        self.require_version(thing.id, thing.version)

    def row_of(self, thing: Aggregate) -> Row | None:
        """The row that a resource was read from; None if the resource is new."""
        return self.rows.get((thing.object, thing.id))

    def before(self, thing: Aggregate) -> Aggregate | None:
        """The resource as it was read; None if it is new."""
        return None if self.row_of(thing) is None else self.loaded.get(thing.id)

    def take_over(self, thing: Aggregate, key: Key, before: "Session") -> None:
        """Remember a resource as another session read or wrote it."""
        self.loaded[thing.id] = thing
        self.rows[thing.object, thing.id] = before.rows[thing.object, thing.id]
        if key in before.stored:
            self.stored[key] = before.stored[key]

    def require_version(self, id_: str, version: int) -> None:
        """Refuse a resource that does not have the version that the client expects."""
        if self.if_match and self.if_match.id == id_ and self.if_match.version != version:
            raise VersionMismatch

    def require_newest(self, thing: Aggregate) -> None:
        """Refuse a change that was decided on an older state than the last one that was read."""
        row = self.row_of(thing)
        if row is None and thing.version:
            raise AssertionError(f"{thing.object} {thing.id} has to be read before it is changed")
        if row is not None and row.version != thing.version:
            raise ConcurrentModification

    def keep(self, thing: Aggregate, before: Row) -> None:
        """Remember a resource as it was just written, so that it can be changed again without a read."""
        self.loaded[thing.id] = thing
        self.rows[thing.object, thing.id] = Row(thing.version, before.next_revision)

    def written(self, things: Iterable[Aggregate]) -> None:
        """Forget resources that were just written: they have to be read again before they are changed again."""
        for thing in things:
            self.rows.pop((thing.object, thing.id), None)
            self.loaded.pop(thing.id, None)
            self.contents.pop(thing.id, None)
