"""What the timeline gets from one commit: its entries are the audit record and the outbox in one."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic_core import to_json

from invoicing import config
from invoicing.core.activity import Activity, mentioned
from invoicing.core.errors import DomainError, VersionMismatch
from invoicing.core.event import Event
from invoicing.core.ids import new_ids, of_same_moment, twin
from invoicing.core.model import Aggregate, Parted, instant_text, secret_fields
from invoicing.downloads.table import told_use
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.model import InvoiceSummary
from invoicing.store import keys, records
from invoicing.store.commit import Changes, Session, next_item
from invoicing.store.keys import Key
from invoicing.store.reading import items_beginning
from invoicing.store.schema import SCHEMA_VERSION
from invoicing.store.transaction import Write, changed_meanwhile, put, write_alone

_OPENED_BY_SECRETS = {"api_key", "download_link"}
MAX_EVENT_BYTES = 16_000
_NOT_IN_EVENTS = {
    # Texts and lists as long as clients like.
    "credit_note_ids", "custom_attributes", "metadata", "note", "reached", "shipping_address", "skipped", "texts",
    # The configuration of a tenant. `data.changed` names what changed of it.
    "bank_accounts", "base_rates", "email_bcc", "email_identities", "email_texts", "event_sources",
    "late_payment_fees", "number_series",
}  # fmt: skip
_IDENTITY = {"object", "id", "invoice_id"}


def entries_of(changes: Changes, session: Session) -> list[Activity]:
    """The timeline's entries, one for each event, in order."""
    if not changes.events:
        raise AssertionError("a change without an event would leave no trace in the timeline")
    user = session.caller.user
    return [
        Activity(
            id=id_,
            version=1,
            invoice_id=changes.invoice_of(told),
            type=told.event.entry_type(),
            action_key=told.event.action_key,
            comment=told.event.comment,
            raw_comment=told.event.comment,
            public=getattr(told.event, "public", False),
            pinned=getattr(told.event, "pinned", False),
            mentions=mentioned(told.event.comment or ""),
            user=user,
            metadata=told.event.details(),
            created_at=session.now,
        )
        for told, id_ in zip(changes.events, new_ids("act", session.now), strict=False)
    ]


def entry_writes(changes: Changes, entries: list[Activity], session: Session, table: str) -> Iterator[Write]:
    """The entries and events of a commit; the first is the proof that it happened."""
    tenant = session.caller.tenant_id
    for number, (told, entry) in enumerate(zip(changes.events, entries, strict=True)):
        subject = changes.subject_of(told)
        if subject is not None and subject.object != "invoice":
            key = Key.of(records.item_of(subject, tenant)).at(keys.ACTIVITY + entry.id)
            item = records.keyed(key, "activity", entry.model_dump_json(), entry.version)
        else:
            item = records.item_of(entry, tenant)
        detail = _fitting(_detail(told.event, entry, subject, session))
        item |= {"detail_type": {"S": told.event.name}, "detail": {"S": detail}}
        item |= records.listed((keys.outbox(keys.outbox_shard(entry.id)), entry.id))
        yield put(table, item, changed_meanwhile, proof=number == 0)
    if changes.activity is not None:
        yield _changed_entry(changes.activity, session, table)
    alone = all(told.of is None for told in changes.events) and not changes.with_document
    if alone and changes.unchanged is not None:
        yield _unchanged(keys.invoice(tenant, changes.unchanged), changes.unchanged, session, table)
    if changes.digest is not None and not any(thing.object in _OPENED_BY_SECRETS for thing in changes.things):
        yield told_use(changes.digest, session.now, table)


def has_entry_of_moment(key: Key, id_: str) -> bool:
    """Whether a timeline has an entry of the moment at which an id was made: that request was committed.

    A request makes its ids and its entries at one moment. Another request of the same millisecond counts too.
    """
    return bool(items_beginning(key, keys.ACTIVITY + of_same_moment("act", id_)))


def rewrite_entry(entry: Activity, session: Session) -> None:
    """Put an entry's next state in its place without a trace: nobody decided anything."""
    write_alone(_changed_entry(entry, session, config.setting("TABLE_NAME")))


def _changed_entry(entry: Activity, session: Session, table: str) -> Write:
    """An entry's next state in its place. The event it was written with stays beside it, published or not."""
    item = next_item(entry, session)
    changed = ("data", "version", "public", "pinned", SCHEMA_VERSION)
    return Write(
        {
            "Update": {
                "TableName": table,
                "Key": Key.of(item).address,
                "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in changed),
                "ConditionExpression": "#version = :before",
                "ExpressionAttributeNames": {f"#{name}": name for name in changed},
                "ExpressionAttributeValues": {
                    ":before": {"N": str(entry.version - 1)},
                    **{f":{name}": item[name] for name in changed},
                },
            }
        },
        changed_meanwhile,
        rank=1,
    )


def _detail(event: Event, entry: Activity, thing: Aggregate | None, session: Session) -> dict[str, Any]:
    """The event as the bus tells it."""
    told: Aggregate | Activity = thing or entry
    if isinstance(told, InvoiceSummary):
        told = told.shown(session.day_shown)
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
            "object": told.model_dump(mode="json", include=_told_of(type(told)), exclude_none=True),
            "changed": sorted(records.changed_fields(session.loaded.get(thing.id), thing)) if thing else [],
            "details": event.details(),
        },
    }


class EventTooLarge(Exception):
    """An event would be larger than the contract allows, so nothing of its change is written."""


def _fitting(detail: dict[str, Any]) -> str:
    """An event as JSON of at most 16 KB. Where the summary of its object is too long, only its ids are in it."""
    text = to_json(detail)
    if len(text) > MAX_EVENT_BYTES:
        data = detail["data"]
        ids = {name: value for name, value in data["object"].items() if name in _IDENTITY}
        text = to_json({**detail, "data": {**data, "object": ids}})
    if len(text) > MAX_EVENT_BYTES:
        raise EventTooLarge(detail["type"])
    return text.decode()


@cache
def _told_of(kind: type[Aggregate | Activity]) -> set[str]:
    """What events tell of such a thing."""
    fields = kind.head() if issubclass(kind, Parted) else kind.model_fields
    return set(fields) - _NOT_IN_EVENTS - secret_fields(kind)


def _unchanged(key: Key, id_: str, session: Session, table: str) -> Write:
    """The document is there, and where the client says so at that version; it stays as it is."""
    check: dict[str, Any] = {
        "TableName": table,
        "Key": key.address,
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
