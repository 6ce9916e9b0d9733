"""The timeline entries of one commit: the audit record and the outbox in one."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic_core import to_json

from invoicing import config
from invoicing.core.activity import ActionKey, Activity, mentioned
from invoicing.core.errors import VersionMismatch
from invoicing.core.event import About
from invoicing.core.ids import new_ids, of_same_moment, twin
from invoicing.core.model import Aggregate, Parted, instant_text, secret_fields
from invoicing.store import keys
from invoicing.store.changes import BoundEvent, Changes
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_beginning
from invoicing.store.rows.items import changed_fields, keyed, listed
from invoicing.store.rows.revisions import next_revision
from invoicing.store.session import Session
from invoicing.store.table import table_of
from invoicing.store.transaction import Write, changed_meanwhile, put

MAX_EVENT_BYTES = 16_000
_NOT_IN_EVENTS = {
    # Texts and lists of unlimited length.
    "credit_note_ids", "custom_attributes", "metadata", "note", "reached", "shipping_address", "skipped", "texts",
    "description", "versions", "versions_from",
    # The configuration of a tenant. `data.changed` names the changed fields.
    "bank_accounts", "base_rates", "email_bcc", "email_identities", "email_texts", "event_sources",
    "late_payment_fees", "notes", "number_series", "product_families", "units",
}  # fmt: skip
_IDENTITY = {"object", "id", "invoice_id"}


class EventTooLarge(Exception):
    """An event is larger than the contract allows, so the commit writes nothing."""


def entries_of(changes: Changes, session: Session) -> list[Activity]:
    """The timeline's entries, one for each event, in order."""
    if not changes.events:
        raise AssertionError("a change without an event would leave no trace in the timeline")
    ids = new_ids("act", session.now)
    return [_entry(bound, id_, session) for bound, id_ in zip(changes.events, ids, strict=False)]


def _entry(bound: BoundEvent, id_: str, session: Session) -> Activity:
    event = bound.event
    by_customer = getattr(event, "by_customer", False)
    return Activity(
        id=id_,
        version=1,
        invoice_id=bound.id if table_of(bound.kind).is_document else None,
        type=event.entry_type(),
        action_key=event.action_key,
        comment=event.comment,
        raw_comment=event.comment,
        public=getattr(event, "public", False),
        pinned=getattr(event, "pinned", False),
        mentions=() if by_customer else mentioned(event.comment or ""),
        user=session.caller.user,
        by_customer=by_customer,
        metadata=event.details(),
        created_at=session.now,
    )


def entry_writes(changes: Changes, entries: list[Activity], session: Session) -> Iterator[Write]:
    """The entries and events of a commit; the first is the proof that it happened."""
    about: dict[int, list[Activity]] = {}
    for bound, entry in zip(changes.events, entries, strict=True):
        about.setdefault(id(bound.thing), []).append(entry)
    for number, (bound, entry) in enumerate(zip(changes.events, entries, strict=True)):
        subject = _key_of(bound, session.caller.tenant_id)
        item = entry_item(entry, subject)
        detail = _fitting(_detail(bound, entry, session))
        item |= {"detail_type": {"S": bound.event.name}, "detail": {"S": detail}}
        item |= listed((keys.outbox(keys.outbox_shard(entry.id)), entry.id))
        if bound.thing is not None and about[id(bound.thing)][-1] is entry:
            item |= _changed(bound.thing, about[id(bound.thing)], session)
        yield put(item, changed_meanwhile, proof=number == 0)
    for one in {part.id: part for part in changes.unchanged if not part.deleted}.values():
        yield _exists(one, session)


def _changed(after: Aggregate, entries: list[Activity], session: Session) -> Item:
    """The attributes that the noun adds to the last of the entries about a change."""
    revision = next_revision(session.row_of(after))
    return table_of(type(after)).entry_attributes(session.before(after), after, entries, revision)


def has_entry_of_moment(key: Key, id_: str, action_key: ActionKey) -> bool:
    """Whether a timeline has such an entry of the moment at which an id was made: that request was committed.

    A request makes its ids and its entries at one moment. Another request of the same millisecond counts too.
    """
    entries = items_beginning(key, keys.ACTIVITY + of_same_moment("act", id_))
    return any(one["action_key"]["S"] == action_key for one in entries)


def entry_item(entry: Activity, subject: Key) -> Item:
    """The item of an entry, in the partition of its resource."""
    item = keyed(subject.at(keys.ACTIVITY + entry.id), "activity", entry.model_dump_json(), entry.version)
    return item | {
        "action_key": {"S": entry.action_key},
        "public": {"BOOL": entry.public},
        "pinned": {"BOOL": entry.pinned},
    }


def _key_of(bound: BoundEvent, tenant: str) -> Key:
    table = table_of(bound.kind)
    return table.key(tenant, bound.id) if bound.thing is None else table.key_of(bound.thing, tenant)


def _detail(bound: BoundEvent, entry: Activity, session: Session) -> dict[str, Any]:
    """The event as consumers on the bus receive it."""
    event, thing = bound.event, bound.thing
    shown: Aggregate | Activity = entry if thing is None else thing.shown(session.day_shown)
    return {
        "id": twin("evt", entry.id),
        "type": event.name,
        "version": 1,
        "tenant_id": session.caller.tenant_id,
        "occurred_at": instant_text(session.now),
        "actor": session.caller.reference and session.caller.reference.model_dump(),
        "resource": {"object": shown.object, "id": shown.id, "version": shown.version},
        "data": {
            "object": shown.model_dump(mode="json", include=fields_in_events(type(shown)), exclude_none=True),
            "changed": sorted(changed_fields(session.loaded.get(thing.id), thing)) if thing else [],
            "details": event.details(),
        },
    }


def _fitting(detail: dict[str, Any]) -> str:
    """An event as JSON of at most 16 KB. If the summary of its resource is too long, the event has only the ids."""
    text = to_json(detail)
    if len(text) > MAX_EVENT_BYTES:
        data = detail["data"]
        ids = {name: value for name, value in data["object"].items() if name in _IDENTITY}
        text = to_json({**detail, "data": {**data, "object": ids}})
    if len(text) > MAX_EVENT_BYTES:
        raise EventTooLarge(detail["type"])
    return text.decode()


@cache
def fields_in_events(kind: type[Aggregate | Activity]) -> set[str]:
    """The fields of a resource that events show: those of lists, without long texts, configuration and secrets."""
    fields = kind.head() if issubclass(kind, Parted) else kind.model_fields
    return set(fields) - _NOT_IN_EVENTS - secret_fields(kind)


def _exists(unchanged: About, session: Session) -> Write:
    """A check that the resource exists, and has the version that the client expects."""
    table = table_of(unchanged.kind)
    check: dict[str, Any] = {
        "TableName": config.setting("TABLE_NAME"),
        "Key": table.key(session.caller.tenant_id, unchanged.id).address,
        "ConditionExpression": "attribute_exists(PK)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if session.if_match and session.if_match.id == unchanged.id:
        check |= {
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": {"N": str(session.if_match.version)}},
        }

    def refuse(there: Mapping[str, Any] | None) -> Exception:
        return VersionMismatch() if there else table.missing()

    return Write({"ConditionCheck": check}, refuse)  # type: ignore[typeddict-item]
