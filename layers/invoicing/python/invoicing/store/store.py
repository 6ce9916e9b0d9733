"""Everything a function reads and writes, for one caller. There is one way to write: `commit`."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Self, cast

from pydantic import BaseModel

from invoicing import config
from invoicing.core.activity import Activity
from invoicing.core.errors import ConcurrentModification, IdempotencyInProgress, IdempotencyKeyReused
from invoicing.core.event import Event, Told
from invoicing.core.identity import Author
from invoicing.core.model import Aggregate
from invoicing.core.rest import rest
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.overdue import overdue_depends_on_zone
from invoicing.numbering.errors import SeriesBusy
from invoicing.numbering.table import Counter, SeriesMoved
from invoicing.store import idempotency as kept_answers
from invoicing.store import keys
from invoicing.store.commit import Changes, Session, Telling, has_history, writes_of
from invoicing.store.entries import entries_of, entry_writes
from invoicing.store.idempotency import Idempotency, KeptAnswer
from invoicing.store.reading import items_beginning
from invoicing.store.reads import Reads
from invoicing.store.transaction import Write, changed_meanwhile, put, transact

NUMBERING_SECONDS = 20.0
"""How long a document waits for its number before it is told to come again."""


class Repeated(Exception):
    """This request was already answered: its Idempotency-Key has been used for the same before."""


class Store(Reads):
    """The table as one caller sees it at one moment, and changes it."""

    __slots__ = ("_idempotency", "_render")

    def __init__(
        self,
        session: Session,
        idempotency: Idempotency | None = None,
        render: Callable[[BaseModel | None], KeptAnswer] | None = None,
    ) -> None:
        super().__init__(session)
        self._idempotency = idempotency
        self._render = render

    def kept_answer(self) -> KeptAnswer | None:
        """What this very request was answered before, if it was (by its Idempotency-Key)."""
        if self._idempotency is None:
            return None
        rows = items_beginning(keys.idempotency(self.tenant_id, self._idempotency.digest), "#")
        if not rows:
            return None
        if rows[0]["fingerprint"]["S"] != self._idempotency.fingerprint:
            raise IdempotencyKeyReused
        return kept_answers.answer_of(rows)

    def require_new(self) -> None:
        """Refuse a repetition before anything is done that no transaction takes back."""
        if self.kept_answer() is not None:
            raise Repeated

    def fresh(self, until: float) -> Self:
        """The same work with nothing read yet, waiting for other writers until this moment."""
        return type(self)(self.session.fresh(until), self._idempotency, self._render)

    def showing(self) -> Self:
        """The same work for what is only shown: it reads rows of newer code too, and cannot write."""
        shown = self.fresh(self.session.until)
        shown.session.shows = True
        return shown

    def within(self, seconds: float) -> Self:
        """The same work for somebody who waits no longer than that for other writers."""
        hasty = self.fresh(time.monotonic() + seconds)
        hasty.session.ends = hasty.session.until
        return hasty

    def at(self, moment: datetime) -> Self:
        """The same work as of another moment."""
        moved = self.fresh(self.session.until)
        moved.session.now = moment
        return moved

    def commit[A: Aggregate](
        self, first: A, *more: Aggregate | Event, digest: str | None = None, answer: BaseModel | None = None
    ) -> A:
        """Write all of it or nothing: the things under their versions, what must be unique, the timeline, the answer.

        Each event tells of the thing with a history named last before it. Returns the first thing as it is now, which
        is what a repetition is answered with if there is no other `answer`.
        """
        changes = self._changes(first, *more)._replace(digest=digest).numbered()
        self._write(changes, answer or changes.things[0])
        return cast("A", changes.things[0])

    def record[A: Aggregate](self, first: A, *more: Aggregate | Event, digest: str | None = None) -> A:
        """Write what the service itself adds to things: files, `sent_at`, marks.

        As `commit`, but existing things keep their version: no client made a decision that another client's If-Match
        has to notice, and none is to lose a race against this.
        """
        changes = self._changes(first, *more)._replace(digest=digest).numbered(moving=False)
        self._write(changes, changes.things[0])
        return cast("A", changes.things[0])

    def issue[A: Aggregate](
        self, counter: Counter, decide: Callable[[str], tuple[A, Told]], *, moving: bool = True
    ) -> A:
        """Commit what `decide` makes of the next number. A lost race takes the number after it; none is left out.

        Without `moving`, existing things keep their version, as with `record`.
        """
        until = min(time.monotonic() + NUMBERING_SECONDS, self.session.until)
        window = 0.05
        while True:
            shown, others = decide(counter.number)
            changes = self._changes(shown, *others)._replace(counter=counter).numbered(moving=moving)
            try:
                self._write(changes, changes.things[0])
            except SeriesMoved as moved:
                counter = counter.at(moved.stand)
            else:
                return cast("A", changes.things[0])
            if time.monotonic() > until:
                raise SeriesBusy
            rest(window)
            window = min(0.8, window * 2)

    def delete(self, thing: Aggregate, *more: Aggregate | Event, with_document: bool = False) -> None:
        """Take something away, and change what changes with it. Its timeline stays.

        `with_document`: what it is about was taken away before it.
        """
        changes = self._changes(thing, *more)._replace(with_document=with_document)
        on = None if has_history(thing) else getattr(thing, "invoice_id")  # noqa: B009
        self._write(changes._replace(things=changes.things[1:], deleted=thing, on=on).numbered(), None)

    def append(self, invoice_id: str, event: Event, *, digest: str | None = None) -> Activity:
        """Add an entry to the timeline of a document that stays as it is."""
        changes = Changes((), (Telling(event),), on=invoice_id, digest=digest)
        entry, *_ = entries = entries_of(changes, self.session)
        self._write(changes, entry, entries)
        return entry

    def replace_entry(self, activity: Activity, event: Event, *, shown: Mapping[str, Author] | None = None) -> Activity:
        """Put an entry's next state in its place, and tell of it. It is answered with the names of these users."""
        after = activity.model_copy(update={"version": activity.version + 1})
        named = after.naming(shown or {})
        changes = Changes((), (Telling(event),), on=activity.invoice_id, activity=after)
        self._write(changes, named if shown is not None else None)
        return named

    # How

    def _changes(self, *parts: Aggregate | Event) -> Changes:
        changes = Changes.made(parts)
        for thing in changes.things:
            self.session.require_newest(thing)
        return changes

    def _write(self, changes: Changes, shown: BaseModel | None, entries: list[Activity] | None = None) -> None:
        if self.session.shows:
            raise AssertionError("what was read to be shown is not written")
        if self.session.time_zone is None and any(map(self._zone_decides, changes.things)):
            self.tenant()
        table = config.setting("TABLE_NAME")
        entries = entries or entries_of(changes, self.session)
        writes = [*entry_writes(changes, entries, self.session, table), *writes_of(changes, self.session, table)]
        if self._idempotency and self._render:
            answer = self._render(shown)
            first, *others = kept_answers.items(self.tenant_id, self._idempotency, answer, self.session.now)
            writes += [put(table, first, self._repeated, rank=9), *(put(table, row, self._repeated) for row in others)]
            if customer_id := kept_answers.customer_in(shown) if answer.body else None:
                pointer = kept_answers.pointer(self.tenant_id, self._idempotency, customer_id, self.session.now)
                writes.append(Write({"Put": {"TableName": table, "Item": pointer}}, changed_meanwhile))
        outlasted = IdempotencyInProgress() if self._idempotency else ConcurrentModification()
        transact(writes, outlasted=outlasted, until=self.session.until)
        self.session.written(changes.things)

    def _zone_decides(self, thing: Aggregate) -> bool:
        """Whether the tenant's time zone decides what the event shows: only around the due date, so few read it."""
        return isinstance(thing, InvoiceSummary) and overdue_depends_on_zone(thing, self.session.now)

    def _repeated(self, there: Mapping[str, Any] | None) -> Exception:
        same = there and self._idempotency and there["fingerprint"]["S"] == self._idempotency.fingerprint
        return Repeated() if same else IdempotencyKeyReused()
