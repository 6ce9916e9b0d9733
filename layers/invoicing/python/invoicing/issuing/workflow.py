"""Issuing a document: its parties and its number, read together and committed together."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, cast, overload

from invoicing.core.clock import wait, windows
from invoicing.core.event import About, Change, Recorded
from invoicing.core.model import Aggregate
from invoicing.customers.model import Customer
from invoicing.customers.table import customer_in, party_keys
from invoicing.numbering.errors import SeriesBusy
from invoicing.numbering.table import Counter, SeriesMoved, Taken, counter_in, keys_to_issue, taken_by
from invoicing.store.changes import Also
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_in

NUMBERING_SECONDS = 20.0
"""How long a document waits for its number before the client has to retry."""


class Issuing[C](NamedTuple):
    """The parties of a document and the counter of its series."""

    tenant: Tenant
    customer: C
    counter: Counter


@overload
def parties_and_counter(
    store: Store, customer_id: str, series: str, issued: date | None = None
) -> Issuing[Customer]: ...
@overload
def parties_and_counter(
    store: Store, customer_id: str | None, series: str, issued: date | None = None
) -> Issuing[Customer | None]: ...
def parties_and_counter(store: Store, customer_id: str | None, series: str, issued: date | None = None) -> Issuing[Any]:
    """Read the parties and the counter for a document. Without a date of issue, it is issued today."""
    return issuing_in(store, items_at(issuing_keys(store, customer_id, series, issued)), customer_id, series, issued)


def issuing_keys(store: Store, customer_id: str | None, series: str, issued: date | None = None) -> list[Key]:
    """The keys of the parties and the counter for a document, for a read together with others."""
    counters = keys_to_issue(store.tenant_id, series, issued, store.session.now)
    return [*party_keys(store.tenant_id, customer_id), *counters]


def issuing_in(
    store: Store, found: Mapping[Key, Item], customer_id: str | None, series: str, issued: date | None = None
) -> Issuing[Any]:
    """The parties and the counter among items that were read together."""
    tenant = tenant_in(store, found)
    counter = counter_in(found, tenant, series, issued or tenant.today(store.session.now))
    return Issuing(tenant, customer_in(store, found, customer_id), counter)


def issue[A: Aggregate](
    store: Store, kind: type[A], counter: Counter, decide: Callable[[str], Sequence[Change]], *, moving: bool = True
) -> A:
    """Commit the changes that `decide` makes from the next number, and return the first one's resource.

    After a lost race it uses the next number; no number is skipped. Without `moving`, existing resources keep their
    version, as with `Store.record`.
    """
    until = min(time.monotonic() + NUMBERING_SECONDS, store.session.until)
    waits = windows(0.05, 0.8)
    write: Callable[..., Any] = store.commit if moving else store.record
    while True:
        changes = decide(counter.number)
        first, *more = numbered(changes, counter)
        if not isinstance(_thing(first), kind):
            raise TypeError(f"{kind.__name__} has to be the first change")
        try:
            issued = write(first, *more, also=[taken_by(counter, number_taken(changes, counter))])
        except SeriesMoved as moved:
            counter = moved.counter
        else:
            return cast("A", issued)
        if time.monotonic() > until:
            raise SeriesBusy
        wait(next(waits))


@dataclass
class Numbers:
    """The next numbers of several series, for documents that are issued today in one commit."""

    _taken: dict[Key, tuple[Counter, list[Taken]]] = field(default_factory=dict)

    def counter(self, store: Store, tenant: Tenant, series: str) -> Counter:
        """The counter of a series, after the numbers that documents of the commit took."""
        now = store.session.now
        found = items_at(keys_to_issue(tenant.id, series, None, now))
        counter = counter_in(found, tenant, series, tenant.today(now))
        before, owners = self._taken.get(counter.key, (counter, []))
        return before.after(len(owners))

    def taken[A: Aggregate](self, counter: Counter, document: A) -> A:
        """The document that takes the next number of a counter, with the name of its series."""
        before, owners = self._taken.get(counter.key, (counter, []))
        self._taken[counter.key] = before, [*owners, Taken.by(counter.number, document)]
        return document.model_copy(update={"series": counter.series.name})

    @property
    def items(self) -> int:
        """The number of items that the numbers write."""
        return sum(1 + sum(one.writes for one in owners) for _, owners in self._taken.values())

    @property
    def writes(self) -> list[Also]:
        """The writes that assign the numbers."""
        return [taken_by(counter, *owners) for counter, owners in self._taken.values()]


def numbered(changes: Sequence[Change], counter: Counter) -> list[Change]:
    """Changes made from the next number of a counter; the document that got it has the name of the series."""
    return [_with_series(part, counter) for part in changes]


def number_taken(changes: Sequence[Change], counter: Counter) -> Taken:
    """The next number of a counter, taken by the document that got it."""
    return Taken.by(counter.number, next(_thing(part) for part in changes if _has_number(part, counter.number)))


def _with_series(part: Change, counter: Counter) -> Change:
    """The document that got the number, with the name of its series."""
    if not _has_number(part, counter.number):
        return part
    named = _thing(part).model_copy(update={"series": counter.series.name})
    return Recorded(named, *part.events) if isinstance(part, Recorded) else named


def _has_number(part: Change, number: str) -> bool:
    return not isinstance(part, About) and getattr(_thing(part), "number", None) == number


def _thing(part: Change) -> Aggregate:
    if isinstance(part, About):
        raise TypeError("an issued document comes first")
    return part.thing if isinstance(part, Recorded) else part
