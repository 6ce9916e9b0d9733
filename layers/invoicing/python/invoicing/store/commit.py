"""The writes of one commit beside the timeline: items under their versions, unique values, references."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from invoicing import config
from invoicing.core.errors import DomainError, VersionMismatch
from invoicing.core.model import Aggregate, Parted
from invoicing.store import keys
from invoicing.store.changes import Changes
from invoicing.store.keys import Item, Key
from invoicing.store.rows import items
from invoicing.store.rows.revisions import next_revision
from invoicing.store.rows.stored import kept, kept_attributes, kept_text
from invoicing.store.session import Content, Session
from invoicing.store.table import Table, item_of, table_of
from invoicing.store.transaction import Write, always, changed_meanwhile, delete, overwrite, put, replace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


def writes_of(changes: Changes, session: Session) -> Iterator[Write]:
    """All writes of a commit except timeline entries."""
    for thing in changes.things:
        yield from _written(thing, session)
    for gone in changes.deleted:
        yield from _deleted(gone, session)
    for before, after in changes.pairs(session):
        yield from _unique_values(before, after, session)
        yield from _table_of(before, after).beside(before, after, session)
    for (kind, id_), more in sorted(_references(changes, session).items(), key=lambda one: one[0][1]):
        if more:
            yield table_of(kind).referred(id_, more, session)


def next_item(thing: Aggregate, session: Session) -> Item:
    """The item of a resource in its new state, with the fields that newer code stored in it."""
    tenant = session.caller.tenant_id
    item = item_of(thing, tenant)
    stored = session.stored.get(Key.of(item))
    return kept(item, stored, item_of(cast("Aggregate", stored.thing), tenant), thing) if stored else item


def unique_values(thing: Aggregate | None, tenant: str) -> dict[Key, DomainError]:
    """The keys of the unique values of this resource, each with the error if another resource has the value."""
    if thing is None:
        return {}
    table = table_of(type(thing))
    return {
        keys.unique(tenant, table.entity(), name, value): refusal()
        for name, refusal in table.unique.items()
        if (value := getattr(thing, name)) is not None
    }


def _table_of(before: Aggregate | None, after: Aggregate | None) -> Table[Any]:
    thing = after or before
    if thing is None:
        raise AssertionError("a change has a resource before or after it")
    return table_of(type(thing))


def _written(thing: Aggregate, session: Session) -> Iterator[Write]:
    row = session.row_of(thing)
    if row is None and session.if_match and session.if_match.id == thing.id:
        raise VersionMismatch
    if isinstance(thing, Parted):
        yield from _parts_written(thing, session)
    else:
        yield replace(next_item(thing, session), row)


def _parts_written(thing: Parted, session: Session) -> Iterator[Write]:
    content = session.contents.get(thing.id)
    row = session.row_of(thing)
    item = next_item(thing, session)
    head = Key.of(item)
    before = session.loaded.get(thing.id)
    changes_content = not items.same(thing.content(), before, thing)
    if changes_content:
        revision = next_revision(row)
        parts = _content_items(thing, head, revision, session)
        yield from (overwrite(part) for part in parts)
        surplus = range(len(parts), content.parts if content else 0)
        yield from (delete(key) for key in _part_keys(head, surplus))
        content = Content(revision, len(parts))
    if content is None:
        raise AssertionError("a summary is only written after it was read")
    item |= {"content_version": {"N": str(content.revision)}, "content_parts": {"N": str(content.parts)}}
    aside = _aside_item(thing, head, session) if thing.aside() else None
    lacks_aside = changes_content and bool(thing.aside()) and aside is None
    yield replace(items.proving_aside(item, next_revision(row) if lacks_aside else None), row)
    if not items.same(thing.aside(), before, thing):
        if aside is not None:
            yield overwrite(aside)
        elif before is not None:
            yield delete(head.at(keys.ASIDE))


def _content_items(thing: Parted, head: Key, revision: int, session: Session) -> list[Item]:
    """The content of a resource in its new state, with the fields that newer code stored in it."""
    text = items.content_text(thing)
    stored = session.stored.get(head.at(keys.BODY + "00"))
    if stored is not None:
        text = kept_text(text, stored, items.content_text(cast("Parted", stored.thing)), thing)
    parts = items.content_items(thing, head, text, revision)
    return [part | kept_attributes(part, session.stored.get(Key.of(part)), part, thing) for part in parts]


def _aside_item(thing: Parted, head: Key, session: Session) -> Item | None:
    """The fields beside head and content in their new state, if there are any."""
    stored = session.stored.get(head.at(keys.ASIDE))
    if stored is None and all(getattr(thing, name) is None for name in thing.aside()):
        return None
    item = items.aside_item(thing, head, items.aside_text(thing))
    if stored is not None:
        known = items.aside_item(thing, head, items.aside_text(cast("Parted", stored.thing)))
        item = kept(item, stored, known, thing)
    return None if item["data"]["S"] == "{}" else item


def _deleted(thing: Aggregate, session: Session) -> Iterator[Write]:
    head, row = table_of(type(thing)).key_of(thing, session.caller.tenant_id), session.row_of(thing)
    if row is None:
        raise AssertionError(f"{thing.object} {thing.id} has to be read before it is deleted")
    request: TransactWriteItemTypeDef = {
        "Delete": {"TableName": config.setting("TABLE_NAME"), "Key": head.address, **row.unchanged()}  # type: ignore[typeddict-item]
    }
    yield Write(request, changed_meanwhile, rank=1)
    content = session.contents.get(thing.id, Content(0, 0))
    yield from (delete(key) for key in _part_keys(head, range(content.parts)))
    if isinstance(thing, Parted):
        yield delete(head.at(keys.ASIDE))


def _part_keys(head: Key, numbers: range) -> Iterator[Key]:
    return (head.at(f"{keys.BODY}{number:02d}") for number in numbers)


def _unique_values(before: Aggregate | None, after: Aggregate | None, session: Session) -> Iterator[Write]:
    """The unique values that a resource claims and those that it releases."""
    tenant = session.caller.tenant_id
    had, has = unique_values(before, tenant), unique_values(after, tenant)
    for key in has.keys() - had.keys():
        item = items.keyed(key, "only_one") | {"id": {"S": after.id if after else ""}}
        yield put(item, always(has[key]), rank=2)
    yield from (delete(key) for key in had.keys() - has.keys())


def _references(changes: Changes, session: Session) -> "Counter[tuple[type[Aggregate], str]]":
    """The change of the reference count of each resource that counts its references."""
    found: Counter[Any] = Counter()
    for before, after in changes.pairs(session):
        found.update(table_of(type(after)).references(after) if after else ())
        found.subtract(table_of(type(before)).references(before) if before else ())
    return found
