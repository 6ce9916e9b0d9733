"""What one commit writes beside the timeline: things under their versions, and what must be unique."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

from invoicing.adapters.dynamodb import keys, records
from invoicing.adapters.dynamodb.claims import claim_writes
from invoicing.adapters.dynamodb.keys import Item, Key
from invoicing.adapters.dynamodb.links import link_writes
from invoicing.adapters.dynamodb.numbers import Counter, number_writes
from invoicing.adapters.dynamodb.revisions import Row, next_revision
from invoicing.adapters.dynamodb.stored import Stored, kept, kept_attributes, kept_text
from invoicing.adapters.dynamodb.transaction import Write, always, changed_meanwhile, put, replace
from invoicing.domain.activity import Activity
from invoicing.domain.errors import ConcurrentModification, DuplicateExternalId, VersionMismatch
from invoicing.domain.event import Event, Told
from invoicing.domain.identity import Caller
from invoicing.domain.model import Aggregate, Parted, local_date

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from invoicing.domain.download_link import DownloadLink
    from invoicing.domain.dunning_document import DunningDocument
    from invoicing.domain.payment import Payment
    from invoicing.domain.user import ApiKey


def has_history(thing: Aggregate) -> bool:
    """Whether events tell of the thing itself: all but what belongs to a document (payments, links)."""
    return "invoice_id" not in type(thing).model_fields


class IfMatch(NamedTuple):
    """The version that a client says a resource has."""

    id: str
    version: int


class Content(NamedTuple):
    """The stored content of a thing: the head's revision when it was written, and its number of parts."""

    revision: int
    parts: int


@dataclass
class Session:
    """One caller's work at one moment: what it read, so that what it writes can be held against it."""

    caller: Caller
    now: datetime
    if_match: IfMatch | None = None
    shows: bool = False
    """Whether what is read is only shown. Nothing can be written then."""
    ends: float = math.inf
    """When the invocation has to be done, by the monotonic clock."""
    until: float = math.inf
    """How long to wait for other writers, by the monotonic clock."""
    loaded: dict[str, Aggregate] = field(default_factory=dict)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    """The counters of what was read, by kind and id: a tenant and its clock share one id."""
    stored: dict[Key, Stored] = field(default_factory=dict)
    """The items that were read, so that what newer code stored in them is written again."""
    contents: dict[str, Content] = field(default_factory=dict)
    owners: dict[str, str | None] = field(default_factory=dict)
    """Who owns each customer that was read so that a document can refer to it."""
    time_zone: str | None = None
    """The time zone in the tenant's settings, once they were read."""

    def fresh(self, until: float) -> "Session":
        """The same work with nothing read yet but the tenant's time zone."""
        return Session(self.caller, self.now, self.if_match, self.shows, self.ends, until, time_zone=self.time_zone)

    @property
    def day_shown(self) -> date:
        """The tenant's calendar date for values that are shown and decide nothing."""
        return local_date(self.now, self.time_zone or self.caller.time_zone)

    def read(self, thing: Aggregate, item: Mapping[str, Any]) -> None:
        """Remember what was read and the row it was read from."""
        self.loaded[thing.id] = thing
        self.rows[thing.object, thing.id] = Row.of(item)

    def row_of(self, thing: Aggregate) -> Row | None:
        """The row that a thing was read from; None if the thing is new."""
        return self.rows.get((thing.object, thing.id))

    def require_newest(self, thing: Aggregate) -> None:
        """Refuse what was decided on an older state of a thing than the last one that was read."""
        row = self.row_of(thing)
        if row is None and thing.version:
            raise AssertionError(f"{thing.object} {thing.id} has to be read before it is changed")
        if row is not None and row.version != thing.version:
            raise ConcurrentModification

    def written(self, things: Iterable[Aggregate]) -> None:
        """Forget what was just written: it has to be read again before it is changed again."""
        for thing in things:
            self.rows.pop((thing.object, thing.id), None)
            self.loaded.pop(thing.id, None)
            self.contents.pop(thing.id, None)


class Telling(NamedTuple):
    """An event, and the id of the document, customer or order it tells of (None: a document that stays as it is)."""

    event: Event
    of: str | None = None


class Changes(NamedTuple):
    """One business decision: what is to stand in the table after it, and what is told of it."""

    things: tuple[Aggregate, ...] = ()
    events: tuple[Telling, ...] = ()
    deleted: Aggregate | None = None
    on: str | None = None
    activity: Activity | None = None
    with_document: bool = False
    digest: str | None = None
    """Of the secret that opens the thing: an API key, or the token of a link."""
    counter: Counter | None = None

    @classmethod
    def made(cls, parts: Told) -> Self:
        """What is to be committed, from things and events in order."""
        things = tuple(part for part in parts if isinstance(part, Aggregate))
        of = next((thing.id for thing in things if has_history(thing)), None)
        events = []
        for part in parts:
            if isinstance(part, Event):
                events.append(Telling(part, of))
            elif has_history(part):
                of = part.id
        return cls(things, tuple(events))

    def numbered(self, *, moving: bool = True) -> Self:
        """The same with each thing at its next version, and what got a number with the name of its series.

        Without `moving`, only what is new gets a version: the others keep the one that clients compare.
        """
        return self._replace(things=tuple(self._numbered(thing, moving=moving) for thing in self.things))

    def _numbered(self, thing: Aggregate, *, moving: bool) -> Aggregate:
        after: dict[str, Any] = {"version": thing.version + 1 if moving or not thing.version else thing.version}
        if self.counter is not None and _has_number(thing, self.counter.number):
            after["series"] = self.counter.series.name
        return thing.model_copy(update=after)

    def subject_of(self, told: Telling) -> Aggregate | None:
        """The document, customer or order that an event tells of, if it changes."""
        return next((thing for thing in (*self.things, self.deleted) if thing and thing.id == told.of), None)

    def invoice_of(self, told: Telling) -> str | None:
        """The document in whose timeline an event stands."""
        subject = self.subject_of(told)
        if subject is not None:
            return subject.id if subject.object == "invoice" else None
        return self.unchanged

    @property
    def unchanged(self) -> str | None:
        """The document that stays as it is while something is added to it."""
        return self.on or next((getattr(thing, "invoice_id") for thing in self.things), None)  # noqa: B009


def writes_of(changes: Changes, session: Session, table: str) -> list[Write]:
    """What is to stand in the table, beside the timeline."""
    tenant = session.caller.tenant_id
    writes: list[Write] = []
    for thing in changes.things:
        row = session.row_of(thing)
        if row is None and session.if_match and session.if_match.id == thing.id:
            raise VersionMismatch
        if isinstance(thing, Parted):
            writes += _parted_writes(thing, session, table)
        elif thing.object == "download_link":
            writes += link_writes(cast("DownloadLink", thing), changes.digest or "", session, table)
        else:
            writes.append(replace(table, next_item(thing, session), row))
        if thing.object == "api_key" and changes.digest is not None:
            pointer = records.secret_item(changes.digest, tenant, cast("ApiKey", thing))
            writes.append(put(table, pointer, changed_meanwhile))
        if thing.object == "payment":
            writes += _payment_uniques(cast("Payment", thing), session, table)
        if thing.object == "dunning_document":
            writes += _level(cast("DunningDocument", thing), session, table)
    writes += claim_writes(changes, session, table)
    if changes.deleted is not None:
        writes += _deletions(changes.deleted, session, table)
    if changes.counter is not None:
        owner = next(thing.id for thing in changes.things if _has_number(thing, changes.counter.number))
        writes += number_writes(changes.counter, owner, tenant, table)
    return writes


def _has_number(thing: Aggregate, number: str) -> bool:
    return getattr(thing, "number", None) == number


def next_item(thing: Aggregate | Activity, session: Session) -> Item:
    """The item of a thing as it is now, with what newer code stored in it."""
    tenant = session.caller.tenant_id
    item = records.item_of(thing, tenant)
    stored = session.stored.get(Key.of(item))
    return kept(item, stored, records.item_of(cast("Aggregate", stored.thing), tenant), thing) if stored else item


def _parted_writes(thing: Parted, session: Session, table: str) -> Iterator[Write]:
    content = session.contents.get(thing.id)
    row = session.row_of(thing)
    item = next_item(thing, session)
    head = Key.of(item)
    before = session.loaded.get(thing.id)
    if not records.same(thing.content(), before, thing):
        revision = next_revision(row)
        parts = _content_items(thing, head, revision, session)
        yield from (Write({"Put": {"TableName": table, "Item": part}}, changed_meanwhile) for part in parts)
        surplus = range(len(parts), content.parts if content else 0)
        yield from (_delete(key, table) for key in _part_keys(head, surplus))
        content = Content(revision, len(parts))
    if content is None:
        raise AssertionError("a summary is only written after it was read")
    item |= {"content_version": {"N": str(content.revision)}, "content_parts": {"N": str(content.parts)}}
    yield replace(table, item, row)
    if not records.same(thing.aside(), before, thing):
        aside = _aside_item(thing, head, session)
        if aside is not None:
            yield Write({"Put": {"TableName": table, "Item": aside}}, changed_meanwhile)
        elif before is not None:
            yield _delete(head.at(keys.ASIDE), table)


def _content_items(thing: Parted, head: Key, revision: int, session: Session) -> list[Item]:
    """The content of a thing as it is now, with what newer code stored in it."""
    text = records.content_text(thing)
    stored = session.stored.get(head.at(keys.BODY + "00"))
    if stored is not None:
        text = kept_text(text, stored, records.content_text(cast("Parted", stored.thing)), thing)
    parts = records.content_items(thing, head, text, revision)
    return [part | kept_attributes(part, session.stored.get(Key.of(part)), part, thing) for part in parts]


def _aside_item(thing: Parted, head: Key, session: Session) -> Item | None:
    """What stands beside head and content as it is now, if there is any."""
    stored = session.stored.get(head.at(keys.ASIDE))
    if stored is None and all(getattr(thing, name) is None for name in thing.aside()):
        return None
    item = records.aside_item(thing, head, records.aside_text(thing))
    if stored is not None:
        known = records.aside_item(thing, head, records.aside_text(cast("Parted", stored.thing)))
        item = kept(item, stored, known, thing)
    return None if item["data"]["S"] == "{}" else item


def _payment_uniques(payment: "Payment", session: Session, table: str) -> Iterator[Write]:
    """A payment's external id is taken once on a document."""
    if payment.external_id is not None and session.row_of(payment) is None:
        key = keys.invoice(session.caller.tenant_id, payment.invoice_id).at(keys.EXTERNAL_ID + payment.external_id)
        taken = DuplicateExternalId(pointer="/external_id")
        yield put(table, records.keyed(key, "external_id"), always(taken), rank=2)


def _level(document: "DunningDocument", session: Session, table: str) -> Iterator[Write]:
    """An invoice reaches each level once, whatever is delivered twice; an undeliverable document frees its level."""
    key = keys.invoice(session.caller.tenant_id, document.invoice_id).at(f"{keys.DUNNED}{document.level}")
    own = {"document_id": {"S": document.id}}
    if session.row_of(document) is None:
        yield put(table, records.keyed(key, "level") | own, changed_meanwhile, rank=2)
    before = cast("DunningDocument | None", session.loaded.get(document.id))
    if document.undeliverable is not None and before is not None and before.undeliverable is None:
        condition = {
            "ConditionExpression": "document_id = :id",
            "ExpressionAttributeValues": {":id": own["document_id"]},
        }
        free = {"TableName": table, "Key": key.address, **condition}
        yield Write({"Delete": free}, changed_meanwhile, rank=2)  # type: ignore[typeddict-item]


def _deletions(thing: Aggregate, session: Session, table: str) -> Iterator[Write]:
    tenant = session.caller.tenant_id
    head, row = Key.of(records.item_of(thing, tenant)), session.row_of(thing)
    if row is None:
        raise AssertionError(f"{thing.object} {thing.id} has to be read before it is deleted")
    delete: TransactWriteItemTypeDef = {"Delete": {"TableName": table, "Key": head.address, **row.unchanged()}}  # type: ignore[typeddict-item]
    yield Write(delete, changed_meanwhile, rank=1)
    content = session.contents.get(thing.id, Content(0, 0))
    yield from (_delete(key, table) for key in _part_keys(head, range(content.parts)))
    if isinstance(thing, Parted):
        yield _delete(head.at(keys.ASIDE), table)


def _part_keys(head: Key, numbers: range) -> Iterator[Key]:
    return (head.at(f"{keys.BODY}{number:02d}") for number in numbers)


def _delete(key: Key, table: str) -> Write:
    return Write({"Delete": {"TableName": table, "Key": key.address}}, changed_meanwhile)
