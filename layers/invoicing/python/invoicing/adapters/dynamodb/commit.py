"""What one commit writes: things under their versions, what must be unique, the timeline that is the outbox."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from invoicing.adapters.dynamodb import keys, records
from invoicing.adapters.dynamodb.keys import Key
from invoicing.adapters.dynamodb.transaction import Item, Refusal, Write, changed_meanwhile, put, replace
from invoicing.domain.activity import Activity, mentioned
from invoicing.domain.errors import (
    CustomerNotFound,
    DomainError,
    DuplicateExternalId,
    InvoiceNotFound,
    NumberTaken,
    VersionMismatch,
)
from invoicing.domain.event import Event
from invoicing.domain.identity import Caller
from invoicing.domain.ids import new_ids, twin
from invoicing.domain.invoice import Invoice, InvoiceSummary
from invoicing.domain.model import Aggregate, instant_text
from invoicing.domain.numbering import NumberSeries

if TYPE_CHECKING:
    from invoicing.domain.download_link import DownloadLink
    from invoicing.domain.payment import Payment

LINK_KEPT_SECONDS = 30 * 86_400
"""How long an expired link stays, so that it answers 410 and not 404."""
LONGEST_LINK_SECONDS = 7 * 86_400

_TOO_LONG_FOR_EVENTS = {"note", "metadata", "custom_attributes"}


class IfMatch(NamedTuple):
    """The version that a client says a resource has."""

    id: str
    version: int


class Content(NamedTuple):
    """Where an invoice's content stands: the head's version when it was written, and its number of parts."""

    version: int
    parts: int


@dataclass(frozen=True)
class Counter:
    """The next free number of a series in a year. `count` is None where it has not begun."""

    key: Key
    series: NumberSeries
    issued: date
    count: int | None

    @property
    def next(self) -> int:
        """The next number, as a count."""
        return self.series.start(self.issued) if self.count is None else self.count

    @property
    def number(self) -> str:
        """The next number, as it is printed."""
        return self.series.number(self.next, self.issued)


class SeriesMoved(Exception):
    """Somebody else took the number; the series stands at `count` now."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclass
class Session:
    """One caller's work at one moment: what it read, so that what it writes can be held against it."""

    caller: Caller
    now: datetime
    if_match: IfMatch | None = None
    loaded: dict[str, Aggregate] = field(default_factory=dict)
    contents: dict[str, Content] = field(default_factory=dict)

    def refusal(self, id_: str) -> Refusal:
        """What it means if this thing is no longer at the version that was read."""
        if self.if_match and self.if_match.id == id_:
            return lambda _: VersionMismatch()
        return changed_meanwhile


class Changes(NamedTuple):
    """One business decision: what is to stand in the table after it, and what is told of it."""

    things: tuple[Aggregate, ...] = ()
    events: tuple[Event, ...] = ()
    deleted: Aggregate | None = None
    on: str | None = None
    activity: Activity | None = None
    link_digest: str | None = None
    counter: Counter | None = None

    def numbered(self) -> "Changes":
        """The same with each thing at its next version."""
        after = tuple(thing.model_copy(update={"version": thing.version + 1}) for thing in self.things)
        return self._replace(things=after)

    @property
    def subject(self) -> Aggregate | None:
        """The document or customer that the events tell of, if it changes."""
        candidates = (*self.things, self.deleted)
        return next((thing for thing in candidates if thing and thing.object in ("invoice", "customer")), None)

    @property
    def invoice_id(self) -> str | None:
        """The document in whose timeline the events stand."""
        if self.subject is not None:
            return self.subject.id if self.subject.object == "invoice" else None
        return self.on or next(getattr(thing, "invoice_id") for thing in self.things)  # noqa: B009 — payments and links


def entries_of(changes: Changes, session: Session) -> list[Activity]:
    """The timeline's entries, one for each event, in order."""
    if not changes.events:
        raise AssertionError("a change without an event would leave no trace in the timeline")
    user = session.caller.user
    return [
        Activity(
            id=id_,
            version=1,
            invoice_id=changes.invoice_id,
            type=event.entry_type(),
            action_key=event.action_key,
            comment=event.comment,
            raw_comment=event.comment,
            public=getattr(event, "public", False),
            pinned=getattr(event, "pinned", False),
            mentions=mentioned(event.comment or ""),
            user=user,
            metadata=event.details(),
            created_at=session.now,
        )
        for event, id_ in zip(changes.events, new_ids("act", session.now), strict=False)
    ]


def writes_of(changes: Changes, entries: list[Activity], session: Session, table: str) -> list[Write]:
    """The transaction, but for the kept answer."""
    tenant = session.caller.tenant_id
    writes = list(_entry_writes(changes, entries, session, table))
    for thing in changes.things:
        if isinstance(thing, InvoiceSummary):
            writes += _invoice_writes(thing, session, table)
        elif thing.object == "download_link":
            writes += _link_writes(cast("DownloadLink", thing), changes.link_digest or "", session, table)
        else:
            writes.append(replace(table, records.item_of(thing, tenant), thing.version - 1, session.refusal(thing.id)))
        if thing.object == "payment":
            writes += _payment_uniques(cast("Payment", thing), tenant, table)
    if changes.deleted is not None:
        writes += _deletions(changes.deleted, session, table)
    if changes.counter is not None:
        writes += _number_writes(changes, changes.counter, tenant, table)
    return writes


def _entry_writes(changes: Changes, entries: list[Activity], session: Session, table: str) -> Iterator[Write]:
    """Each entry is audit record and outbox row in one; the first is the proof that this commit happened."""
    tenant = session.caller.tenant_id
    subject = changes.subject
    for number, (event, entry) in enumerate(zip(changes.events, entries, strict=True)):
        if subject is not None and subject.object == "customer":
            key = keys.customer(tenant, subject.id).at(keys.ACTIVITY + entry.id)
            item = records.keyed(key, "activity", entry.model_dump_json(), entry.version)
        else:
            item = records.item_of(entry, tenant)
        item |= {"detail_type": {"S": event.name}, "detail": {"S": json.dumps(_detail(event, entry, changes, session))}}
        item |= records.listed((keys.outbox(keys.outbox_shard(entry.id)), entry.id))
        yield put(table, item, changed_meanwhile, proof=number == 0)
    if changes.activity is not None:
        yield _changed_entry(changes.activity, session, table)
    if subject is None and changes.invoice_id is not None:
        yield _unchanged(keys.invoice(tenant, changes.invoice_id), changes.invoice_id, session, table)
    if changes.link_digest is not None and not any(thing.object == "download_link" for thing in changes.things):
        yield _use_of_link(changes.link_digest, session.now, table)


def _changed_entry(entry: Activity, session: Session, table: str) -> Write:
    """An entry's next state in its place. The event it was written with stays beside it, published or not."""
    item = records.item_of(entry.model_copy(update={"version": entry.version + 1}), session.caller.tenant_id)
    changed = ("data", "version", "public", "pinned")
    return Write(
        {
            "Update": {
                "TableName": table,
                "Key": {"PK": item["PK"], "SK": item["SK"]},
                "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in changed),
                "ConditionExpression": "#version = :before",
                "ExpressionAttributeNames": {f"#{name}": name for name in changed},
                "ExpressionAttributeValues": {
                    ":before": {"N": str(entry.version)},
                    **{f":{name}": item[name] for name in changed},
                },
            }
        },
        session.refusal(entry.id),
        rank=1,
    )


def _detail(event: Event, entry: Activity, changes: Changes, session: Session) -> dict[str, Any]:
    """The event as the bus tells it."""
    thing = changes.subject
    told: Aggregate | Activity = thing or entry
    fields = records.SUMMARY if isinstance(thing, InvoiceSummary) else set(type(told).model_fields)
    name = getattr(told, "object", "")
    return {
        "id": twin("evt", entry.id),
        "type": event.name,
        "version": 1,
        "tenant_id": session.caller.tenant_id,
        "occurred_at": instant_text(session.now),
        "actor": session.caller.reference and session.caller.reference.model_dump(),
        "resource": {"object": name, "id": told.id, "version": told.version},
        "data": {
            "object": told.model_dump(mode="json", include=set(fields) - _TOO_LONG_FOR_EVENTS, exclude_none=True),
            "changed": sorted(records.changed_fields(session.loaded.get(thing.id), thing)) if thing else [],
            "details": event.details(),
        },
    }


def _unchanged(key: Key, id_: str, session: Session, table: str) -> Write:
    """The document is there, and where the client says so at that version; it stays as it is."""
    check: dict[str, Any] = {
        "TableName": table,
        "Key": {"PK": {"S": key.partition}, "SK": {"S": key.sort}},
        "ConditionExpression": "attribute_exists(PK)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if session.if_match and session.if_match.id == id_:
        check |= {
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": {"N": str(session.if_match.version)}},
        }

    def refuse(there: Mapping[str, Any] | None) -> DomainError:
        return VersionMismatch() if there else InvoiceNotFound()

    return Write({"ConditionCheck": check}, refuse)  # type: ignore[typeddict-item]


def _use_of_link(digest: str, now: datetime, table: str) -> Write:
    """Uses are counted beside the link, so that two at once do not hinder each other; they go after it."""
    key = keys.link(digest).at(keys.USES)
    purge_at = int(now.timestamp()) + LONGEST_LINK_SECONDS + LINK_KEPT_SECONDS
    return Write(
        {
            "Update": {
                "TableName": table,
                "Key": {"PK": {"S": key.partition}, "SK": {"S": key.sort}},
                "UpdateExpression": f"SET {keys.PURGE_AT} = :purge_at ADD uses :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":purge_at": {"N": str(purge_at)}},
            }
        },
        changed_meanwhile,
    )


def _invoice_writes(invoice: InvoiceSummary, session: Session, table: str) -> Iterator[Write]:
    tenant = session.caller.tenant_id
    before = session.loaded.get(invoice.id)
    content = session.contents.get(invoice.id)
    if isinstance(invoice, Invoice) and not (isinstance(before, Invoice) and records.same_content(before, invoice)):
        parts = records.content_items(invoice, tenant, invoice.version)
        yield from (Write({"Put": {"TableName": table, "Item": part}}, changed_meanwhile) for part in parts)
        surplus = range(len(parts), content.parts if content else 0)
        yield from (_delete(key, table) for key in _part_keys(tenant, invoice.id, surplus))
        content = Content(invoice.version, len(parts))
    if content is None:
        raise AssertionError("a summary is only written after it was read")
    item = records.item_of(invoice, tenant)
    item |= {"content_version": {"N": str(content.version)}, "content_parts": {"N": str(content.parts)}}
    yield replace(table, item, invoice.version - 1, session.refusal(invoice.id))
    if invoice.customer_id and (before is None or getattr(before, "customer_id", None) != invoice.customer_id):
        missing = CustomerNotFound(pointer="/customer_id")
        yield _there(keys.customer(tenant, invoice.customer_id), missing, table)


def _there(key: Key, missing: DomainError, table: str) -> Write:
    return Write(
        {
            "ConditionCheck": {
                "TableName": table,
                "Key": {"PK": {"S": key.partition}, "SK": {"S": key.sort}},
                "ConditionExpression": "attribute_exists(PK)",
            }
        },
        _always(missing),
        rank=2,
    )


def _payment_uniques(payment: "Payment", tenant: str, table: str) -> Iterator[Write]:
    """A payment's external id is taken once on a document."""
    if payment.external_id is not None:
        key = keys.invoice(tenant, payment.invoice_id).at(keys.EXTERNAL_ID + payment.external_id)
        taken = DuplicateExternalId(pointer="/external_id")
        yield put(table, records.keyed(key, "external_id"), _always(taken), rank=2)


def _link_writes(link: "DownloadLink", digest: str, session: Session, table: str) -> Iterator[Write]:
    opened, named = records.link_items(link, session.caller.tenant_id, digest)
    opened[keys.PURGE_AT] = named[keys.PURGE_AT] = {"N": str(int(link.expires_at.timestamp()) + LINK_KEPT_SECONDS)}
    yield replace(table, opened, link.version - 1, session.refusal(link.id))
    if link.version == 1:
        yield put(table, named, changed_meanwhile)


def _number_writes(changes: Changes, counter: Counter, tenant: str, table: str) -> Iterator[Write]:
    """The counter moves by one under a condition, and the number becomes an item of its own: unique across types."""
    item: Item = records.keyed(counter.key, "series") | {"next": {"N": str(counter.next + 1)}}
    condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(PK)"}
    if counter.count is not None:
        condition = {
            "ConditionExpression": "#next = :next",
            "ExpressionAttributeNames": {"#next": "next"},
            "ExpressionAttributeValues": {":next": {"N": str(counter.count)}},
        }

    def moved(there: Mapping[str, Any] | None) -> Exception:
        return SeriesMoved(int(there["next"]["N"])) if there else changed_meanwhile(None)

    move = {"TableName": table, "Item": item, "ReturnValuesOnConditionCheckFailure": "ALL_OLD", **condition}
    yield Write({"Put": move}, moved)  # type: ignore[typeddict-item]
    owner = records.keyed(keys.number(tenant, counter.number), "number")
    owner["invoice_id"] = {"S": changes.invoice_id}
    yield put(table, owner, _always(NumberTaken(f"{counter.number} belongs to another document.")))


def _deletions(thing: Aggregate, session: Session, table: str) -> Iterator[Write]:
    tenant = session.caller.tenant_id
    item = records.item_of(thing, tenant)
    yield Write(
        {
            "Delete": {
                "TableName": table,
                "Key": {"PK": item["PK"], "SK": item["SK"]},
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":version": {"N": str(thing.version)}},
            }
        },
        session.refusal(thing.id),
        rank=1,
    )
    content = session.contents.get(thing.id, Content(0, 0))
    yield from (_delete(key, table) for key in _part_keys(tenant, thing.id, range(content.parts)))


def _part_keys(tenant: str, invoice_id: str, numbers: range) -> Iterator[Key]:
    return (keys.invoice(tenant, invoice_id).at(f"{keys.BODY}{number:02d}") for number in numbers)


def _delete(key: Key, table: str) -> Write:
    address = {"PK": {"S": key.partition}, "SK": {"S": key.sort}}
    return Write({"Delete": {"TableName": table, "Key": address}}, changed_meanwhile)


def _always(error: DomainError) -> Refusal:
    return lambda _: error
