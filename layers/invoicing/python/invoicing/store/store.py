"""Reads and writes of a function, for one caller at one moment.

`get`, `all` and `exists` read by class; `commit` is the one way to write. The nouns' tables declare how each class is
stored, and hold the reads that need more than one item.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice
from types import EllipsisType
from typing import Any, Self, cast

from pydantic import BaseModel

from invoicing.core.activity import Activity
from invoicing.core.clock import wait, windows
from invoicing.core.errors import ConcurrentModification, IdempotencyInProgress, IdempotencyKeyReused
from invoicing.core.event import About, Change, Recorded
from invoicing.core.model import Aggregate, Parted
from invoicing.store import idempotency, keys
from invoicing.store.changes import Also, Changes
from invoicing.store.commit import writes_of
from invoicing.store.entries import entries_of, entry_writes
from invoicing.store.idempotency import Idempotency, StoredResponse
from invoicing.store.keys import Item, Key
from invoicing.store.reading import item_at, items_beginning
from invoicing.store.rows.items import content_of, text_of
from invoicing.store.rows.schema import migrated
from invoicing.store.rows.stored import Stored
from invoicing.store.session import Content, Session
from invoicing.store.table import table_of
from invoicing.store.transaction import Weight, Write, put, transact, weight_of

MOST_READS = 10
"""The most reads of a resource in parts while others change it; their waits take a second at most."""


class Repeated(Exception):
    """This request already has a response: its Idempotency-Key was used for the same request before."""


class Store:
    """The table as one caller sees it at one moment, and changes it."""

    __slots__ = ("_idempotency", "_render", "session")

    def __init__(
        self,
        session: Session,
        idempotency: Idempotency | None = None,
        render: Callable[[BaseModel | None], StoredResponse] | None = None,
    ) -> None:
        self.session = session
        self._idempotency = idempotency
        self._render = render

    @property
    def tenant_id(self) -> str:
        """The tenant of the data. Each key begins with it."""
        return self.session.caller.tenant_id

    def fresh(self, until: float) -> Self:
        """The same work with nothing read yet, waiting for other writers until this moment."""
        return type(self)(self.session.fresh(until), self._idempotency, self._render)

    def showing(self) -> Self:
        """The same work, read-only: it also reads rows of newer code, and cannot write."""
        shown = self.fresh(self.session.until)
        shown.session.shows = True
        return shown

    def within(self, seconds: float) -> Self:
        """The same work for a caller who does not wait longer than that for other writers."""
        hasty = self.fresh(time.monotonic() + seconds)
        hasty.session.ends = hasty.session.until
        return hasty

    def keeping(self, thing: Aggregate) -> Self:
        """The same work with nothing read yet but this resource, so that the memory of the others is free."""
        kept = self.fresh(self.session.until)
        kept.session.take_over(thing, table_of(type(thing)).key_of(thing, self.tenant_id), self.session)
        return kept

    def at(self, moment: datetime) -> Self:
        """The same work as of another moment."""
        moved = self.fresh(self.session.until)
        moved.session.now = moment
        return moved

    # Reads

    def get[A: Aggregate](self, kind: type[A], *ids: str) -> A:
        """Get a resource by the ids that name it, its parent's first.

        A class in two parts is read whole, its summary class without the content. Raises the table's `missing`, and
        `AccessDenied` where the caller may not see the resource.
        """
        table = table_of(kind)
        key = table.key(self.tenant_id, *ids)
        if issubclass(kind, Parted) and kind.content():
            return self._seen(*self._whole(kind, key))
        item = item_at(key)
        if item is None:
            raise table.missing
        return self.take(kind, item)

    def take[A: Aggregate](self, kind: type[A], item: Item) -> A:
        """Get a resource from its item, which was read together with others. Not for whole resources in parts."""
        return self._seen(self._row(kind, item), item)

    def take_whole[P: Parted](self, kind: type[P], found: Mapping[Key, Item], *ids: str) -> P:
        """Get a whole resource from items that were read together: its head, the first part of its content, the rest.

        It is read alone if its content has more parts, or if it was changed between the reads of its items.
        """
        key = table_of(kind).key(self.tenant_id, *ids)
        head, part = found.get(key), found.get(key.at(f"{keys.BODY}00"))
        if head is None or part is None or not _fit(head, [part]):
            return self.get(kind, *ids)
        aside = found.get(key.at(keys.ASIDE))
        return self._seen(self._assembled(kind, head, [part], [aside] if aside else []), head)

    def all[A: Aggregate](self, kind: type[A], *ids: str) -> tuple[A, ...]:
        """Get all resources of a kind that belong to the one with these ids, in the order of their ids."""
        beginning = table_of(kind).key(self.tenant_id, *ids, "")
        if beginning.sort == keys.HEAD:
            raise TypeError(f"each {kind.__name__} has a partition of its own; list them by an index")
        return tuple(self.take(kind, item) for item in items_beginning(beginning, beginning.sort))

    def exists(self, kind: type[Aggregate], *ids: str) -> bool:
        """Whether there is such a resource, even if the caller may not see it."""
        return item_at(table_of(kind).key(self.tenant_id, *ids)) is not None

    def holder(self, kind: type[Aggregate], field: str, value: str) -> str | None:
        """The id of the resource that has this unique value, if one has."""
        item = item_at(keys.unique(self.tenant_id, table_of(kind).entity(), field, value))
        return item["id"]["S"] if item else None

    # Writes

    def commit[A: Aggregate](
        self,
        first: A | Recorded[A],
        *more: Change,
        also: Iterable[Also] = (),
        response: BaseModel | None = None,
        deleted: Iterable[Aggregate] = (),
    ) -> A:
        """Write everything or nothing: resources under their versions, unique values, the timeline, the response.

        `also` are further writes of the same transaction. Resources in `deleted` are deleted.
        Returns the first resource in its new version; a repeated request gets it too, or `response`.
        """
        changes = Changes.of((first, *more), self.session, moving=True, deleted=deleted)
        return cast("A", self._committed(changes, also, response))

    def record[A: Aggregate](self, first: A | Recorded[A], *more: Change, also: Iterable[Also] = ()) -> A:
        """Commit additions of the service to resources: files, `sent_at`, marks.

        Existing resources keep their version: no client made a decision that another client's If-Match has to notice,
        and no client has to lose a race against the service.
        """
        return cast("A", self._committed(Changes.of((first, *more), self.session, moving=False), also, None))

    def advance[A: Aggregate](self, first: A | Recorded[A], *more: Change, also: Iterable[Also] = ()) -> A:
        """Commit one step of a long work of the service. The first resource is the work itself.

        It gets the next version with each step, and the next step needs no read of it. A step that only counts has no
        event, and so no entry in a timeline; if its response is lost, the outcome is unknown (`OutcomeUnknown`).
        """
        work = first.thing if isinstance(first, Recorded) else first
        row = self.session.row_of(work)
        if row is None:
            raise AssertionError(f"{work.object} {work.id} has to be read before its first step")
        changes = Changes.of((first, *more), self.session, moving=True)
        writes = self._writes(changes, entries_of(changes, self.session) if changes.events else [])
        writes += [write for one in also for write in one(self.session)]
        transact(writes, on_timeout=ConcurrentModification(), until=self.session.until)
        self.session.written(changes.things)
        after = cast("A", changes.things[0])
        self.session.keep(after, row)
        return after

    def weight(self, *parts: Change) -> Weight:
        """The items and bytes that a commit of these changes would write."""
        changes = Changes.of(parts, self.session, moving=True)
        return weight_of(self._writes(changes, entries_of(changes, self.session)))

    def delete(self, thing: Aggregate | Recorded[Any], *more: Change) -> None:
        """Delete a resource, and change others with it. Its timeline stays."""
        gone = thing.thing if isinstance(thing, Recorded) else thing
        changes = Changes.of((thing, *more), self.session, moving=True, deleted=(gone,))
        self._write(changes, (), lambda _: None)

    def append(
        self, about: About, *, also: Iterable[Also] = (), response: BaseModel | EllipsisType | None = ...
    ) -> Activity:
        """Add an entry to the timeline of a resource that does not change. Returns the entry.

        A repeated request gets the entry too, or `response`.
        """
        changes = Changes.of((about,), self.session, moving=True)
        return self._write(changes, also, lambda entry: entry if isinstance(response, EllipsisType) else response)

    def answer[V: BaseModel](self, shown: V) -> V:
        """Store the response to a request that changes nothing else, such as a dry run, and return it.

        A repeated request gets the same response. A resource in it has the version 0, because this state is not stored.
        """
        if isinstance(shown, Aggregate):
            shown = shown.model_copy(update={"version": 0})
        if self._idempotency and self._render:
            writes = list(self._response_writes(self._idempotency, self._render(shown), shown))
            transact(writes, on_timeout=IdempotencyInProgress(), until=self.session.until)
        return shown

    # Repetitions

    def stored_response(self) -> StoredResponse | None:
        """The response that this request got before, if there is one (by its Idempotency-Key)."""
        if self._idempotency is None:
            return None
        rows = items_beginning(keys.idempotency(self.tenant_id, self._idempotency.digest), "#")
        if not rows:
            return None
        if rows[0]["fingerprint"]["S"] != self._idempotency.fingerprint:
            raise IdempotencyKeyReused
        return idempotency.response_of(rows)

    @property
    def request_key(self) -> str | None:
        """A name of this request that its repetitions share, from its Idempotency-Key; None without one."""
        return self._idempotency.digest if self._idempotency else None

    def require_new(self) -> None:
        """Refuse a repetition before any effect that a transaction cannot undo."""
        if self.stored_response() is not None:
            raise Repeated

    # How

    def _whole[P: Parted](self, kind: type[P], key: Key) -> tuple[P, Item]:
        head, parts, others = _of_one_moment(kind, key)
        aside = [item for item in others if item["SK"]["S"] == keys.ASIDE]
        return self._assembled(kind, head, parts, aside), head

    def _assembled[P: Parted](self, kind: type[P], head: Item, parts: list[Item], aside: list[Item]) -> P:
        texts = [text_of(head), migrated(content_of(parts), parts[0]), *(text_of(item) for item in aside)]
        together = ",".join(inner for text in texts if (inner := text[1:-1]))
        thing = table_of(kind).read(kind, head, f"{{{together}}}", shows=self.session.shows)
        for item, text in zip((head, parts[0], *aside, *parts[1:]), (*texts, *[""] * len(parts)), strict=False):
            self.session.stored[Key.of(item)] = Stored(item, text, thing)
        return thing

    def _row[A: Aggregate](self, kind: type[A], item: Item) -> A:
        text = text_of(item)
        thing = table_of(kind).read(kind, item, text, shows=self.session.shows)
        self.session.stored[Key.of(item)] = Stored(item, text, thing)
        return thing

    def _seen[A: Aggregate](self, thing: A, item: Item) -> A:
        if "content_version" in item:
            content = Content(int(item["content_version"]["N"]), int(item["content_parts"]["N"]))
            self.session.contents[thing.id] = content
        table = table_of(type(thing))
        table.require_visible(thing, self.session.caller)
        self.session.read(thing, item)
        table.loaded(thing, self.session)
        return thing

    def _committed(self, changes: Changes, also: Iterable[Also], response: BaseModel | None) -> Any:
        self._write(changes, also, lambda _: response or changes.things[0])
        return changes.things[0]

    def _writes(self, changes: Changes, entries: list[Activity]) -> list[Write]:
        """The writes of a commit's resources and of their timelines."""
        for thing in changes.things:
            table_of(type(thing)).prepare(thing, self.session)
        return [*entry_writes(changes, entries, self.session), *writes_of(changes, self.session)]

    def _write(
        self, changes: Changes, also: Iterable[Also], shown_by: Callable[[Activity], BaseModel | None]
    ) -> Activity:
        """Write a commit, and the response that `shown_by` makes of its first entry. Returns that entry."""
        if self.session.shows:
            raise AssertionError("a session that only shows cannot write")
        first, *_ = entries = entries_of(changes, self.session)
        writes = self._writes(changes, entries)
        writes += [write for more in also for write in more(self.session)]
        if self._idempotency and self._render:
            shown = shown_by(first)
            writes += self._response_writes(self._idempotency, self._render(shown), shown)
        on_timeout = IdempotencyInProgress() if self._idempotency else ConcurrentModification()
        transact(writes, on_timeout=on_timeout, until=self.session.until)
        self.session.written(changes.things)
        return first

    def _response_writes(
        self, request: Idempotency, response: StoredResponse, shown: BaseModel | None
    ) -> Iterable[Write]:
        def repeated(there: Mapping[str, Any] | None) -> Exception:
            return Repeated() if there and there["fingerprint"]["S"] == request.fingerprint else IdempotencyKeyReused()

        now = self.session.now
        first, *others = idempotency.items(self.tenant_id, request, response, now)
        yield put(first, repeated, rank=9)
        yield from (put(row, repeated) for row in others)
        if response.body and (customer_id := idempotency.customer_in(shown)):
            yield idempotency.pointer(self.tenant_id, request, customer_id, now)


def _of_one_moment(kind: type[Parted], key: Key) -> tuple[Item, list[Item], list[Item]]:
    """The head, the parts of the content, and all items beside the head.

    A query is not atomic: a change can come between the head and its content. Such a read is repeated, and refused
    with `ConcurrentModification` if changes keep coming.
    """
    for window in islice(windows(0.01, 0.2), MOST_READS):
        head, *others = items_beginning(key, keys.HEAD) or [{}]
        if not head:
            raise table_of(kind).missing
        parts = [item for item in others if item["SK"]["S"].startswith(keys.BODY)]
        if _fit(head, parts):
            return head, parts, others
        wait(window)
    raise ConcurrentModification


def _fit(head: Item, parts: list[Item]) -> bool:
    """Whether these are all parts of the content that the head refers to."""
    read = [part["version"]["N"] for part in parts]
    return read == [head["content_version"]["N"]] * int(head["content_parts"]["N"])
