"""How counters of number series and the assigned numbers are stored.

Beside a series' counter there is an item for each of its counts, written with the document that has it: a missing item
is a gap. Another item claims the number as it is printed, so that no other document of any type can have it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from invoicing import config
from invoicing.core.model import Aggregate
from invoicing.numbering.errors import NumberTaken
from invoicing.numbering.model import MANDATE, NumberSeries, mandate_series, type_of
from invoicing.numbering.rf import compared, reference_of
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.keys import Item, Key
from invoicing.store.reading import item_at, items_of
from invoicing.store.rows.items import keyed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.transaction import Refusal, Write, always, changed_meanwhile, put, update

if TYPE_CHECKING:
    from invoicing.tenants.model import Tenant

CHECKED = 5_000
"""How many counts of a series one report checks: well below the limit of one query."""
_COUNT = "N#"


def series_key(tenant: str, name: str, year: int | None) -> Key:
    """The counter of a number series; `year` is None if it never restarts."""
    return keys.of(tenant, "SERIES", name, year or "-")


def count_sort(number: int) -> str:
    """The sort key of a count of a series beside its counter, in order."""
    return f"{_COUNT}{number:013d}"


def number_key(tenant: str, text: str) -> Key:
    """The claim of a number by a document."""
    return keys.of(tenant, "NUM", text)


def reference_key(tenant: str, reference: str) -> Key:
    """The claim of the RF reference of a number by a document."""
    return keys.unique(tenant, "INV", "rf", compared(reference))


class CounterState(NamedTuple):
    """The assigned counts of a series in a year: from `first` to before `next`."""

    first: int
    next: int

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        """A counter's item."""
        return cls(int(item["first"]["N"]), int(item["next"]["N"]))


@dataclass(frozen=True)
class Counter:
    """The next free number of a series in a year. `state` is None if no number was assigned yet."""

    key: Key
    series: NumberSeries
    issued: date
    state: CounterState | None = None

    @property
    def first(self) -> int:
        """The first count of the year."""
        return self.series.start(self.issued) if self.state is None else self.state.first

    @property
    def next(self) -> int:
        """The next number, as a count."""
        return self.first if self.state is None else self.state.next

    @property
    def number(self) -> str:
        """The next number, as it is printed."""
        return self.series.number(self.next, self.issued)

    def after(self, count: int) -> Self:
        """The same after this number of numbers was assigned."""
        return self.at(CounterState(self.first, self.next + count)) if count else self

    def at(self, state: CounterState) -> Self:
        """The same after another writer took numbers."""
        return replace(self, state=state)


class SeriesMoved(Exception):
    """Another writer took the number. `counter` is that of the series in its new state."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter.state)
        self.counter = counter


def counter_keys(tenant: str, series: str, year: int) -> list[Key]:
    """The possible keys of the counter of a series, and of the series of its type, which replaces a missing one."""
    names = dict.fromkeys((series, type_of(series)))
    return [series_key(tenant, name, when) for name in names for when in (year, None)]


def keys_to_issue(tenant: str, series: str, issued: date | None, now: datetime) -> list[Key]:
    """The keys of the counters that a document may need; without a date of issue, it is issued today.

    The tenant's time zone is read together with them, so near New Year they include both years.
    """
    years = {issued.year} if issued else {(now + timedelta(days)).year for days in (-1, 1)}
    return list(dict.fromkeys(key for year in sorted(years) for key in counter_keys(tenant, series, year)))


def counter_in(found: Mapping[Key, Item], tenant: "Tenant", series: str, issued: date) -> Counter:
    """The counter that gives a document its number."""
    kind = type_of(series)
    every = {MANDATE: mandate_series(), **tenant.number_series}
    settings = every.get(series) or every[kind]
    key = series_key(tenant.id, settings.name, settings.counter_year(issued))
    item = found.get(key)
    return Counter(key, settings, issued, CounterState.of(item) if item else None)


NUMBER_WRITES = 2
"""The items that each number needs beside its counter: the count and the claim. An RF reference needs one more."""


class Taken(NamedTuple):
    """A number as it is printed, and the id of the document that has it."""

    number: str
    owner: str
    reference: str | None = None
    """The RF reference of the number, if the document has it."""

    @classmethod
    def by(cls, number: str, document: Aggregate) -> Self:
        """The number that a document has."""
        reference: str | None = getattr(document, "payment_reference", None)
        is_ours = reference is not None and reference.startswith("RF") and reference == reference_of(number)
        return cls(number, document.id, reference if is_ours else None)

    @property
    def writes(self) -> int:
        """The items that it needs beside the counter."""
        return NUMBER_WRITES + (self.reference is not None)


def taken_by(counter: Counter, *owners: Taken) -> Also:
    """The writes that assign the next numbers to documents, in order: the counter, and the items of each number."""

    def moved(there: Mapping[str, Any] | None) -> Exception:
        return SeriesMoved(counter.at(CounterState.of(there))) if there else changed_meanwhile(None)

    def writes(session: Session) -> Iterator[Write]:
        yield _advanced(counter, counter.next + len(owners), moved)
        for count, taken in enumerate(owners, counter.next):
            yield from _claimed(counter.key.at(count_sort(count)), taken, session)

    return writes


def reference_taken(counter: Counter, skipped: int, owner: str) -> Also:
    """The writes that give a reference to an owner. Counts before it are skipped: others chose those references."""
    count = counter.next + skipped

    def writes(_: Session) -> Iterator[Write]:
        # A lost race for the count is repeated, though another resource has its reference by then.
        yield _advanced(counter, count + 1, changed_meanwhile)._replace(rank=3)
        item = keyed(counter.key.at(count_sort(count)), "count")
        yield put(item | {"invoice_id": {"S": owner}}, changed_meanwhile)

    return writes


def _advanced(counter: Counter, after: int, refuse: Refusal) -> Write:
    """The counter with another next count, if no other writer took numbers."""
    if counter.state is None:
        item = keyed(counter.key, "series")
        return put(item | {"first": {"N": str(counter.first)}, "next": {"N": str(after)}}, refuse)
    return update(
        counter.key,
        refuse,
        UpdateExpression="SET #next = :after",
        ConditionExpression="#next = :next",
        ExpressionAttributeNames={"#next": "next"},
        ExpressionAttributeValues={":next": {"N": str(counter.next)}, ":after": {"N": str(after)}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )


def _claimed(count: Key, taken: Taken, session: Session) -> Iterator[Write]:
    """The items of one number: its count, the number as it is printed, and its RF reference."""
    refusal = always(NumberTaken(f"The number {taken.number} is already in use."))
    for key, entity in ((count, "count"), (number_key(session.caller.tenant_id, taken.number), "number")):
        yield put(keyed(key, entity) | {"invoice_id": {"S": taken.owner}}, refusal)
    if taken.reference is not None:
        detail = f"The RF reference of the number {taken.number} is in use. Set payment_reference, or another pattern."
        key = reference_key(session.caller.tenant_id, taken.reference)
        yield put(keyed(key, "reference") | {"invoice_id": {"S": taken.owner}}, always(NumberTaken(detail)))


def holder_of(store: Store, number: str) -> str | None:
    """The id of the document that has this number, if one has."""
    item = item_at(number_key(store.tenant_id, number))
    return item["invoice_id"]["S"] if item else None


def counts_between(key: Key, first: int, last: int) -> list[int]:
    """The counts of a series that documents have, between two, both included."""
    asked: dict[str, Any] = {
        "TableName": config.setting("TABLE_NAME"),
        "KeyConditionExpression": "PK = :partition AND SK BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":partition": {"S": key.partition},
            ":first": {"S": count_sort(first)},
            ":last": {"S": count_sort(last)},
        },
        "ProjectionExpression": "SK",
        "ConsistentRead": True,
    }
    return [int(item["SK"]["S"].removeprefix(_COUNT)) for item in items_of(asked)]
