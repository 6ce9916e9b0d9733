"""How each thing looks in the table: one JSON attribute with all of it, and beside it what keys and filters need."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from invoicing.core.activity import Activity
from invoicing.core.model import Aggregate, Parted, Value, instant_text, secret_fields
from invoicing.core.tolerant import read, read_to_show
from invoicing.invoices.errors import DocumentTooLarge
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.overdue import may_turn_overdue
from invoicing.store import keys
from invoicing.store.keys import Item, Key, Place
from invoicing.store.schema import SCHEMA_VERSION, migrated, present_version

if TYPE_CHECKING:
    # Known here by their `object` alone: a function loads only the nouns it deals with, which is a tenth of its start.
    from invoicing.customers.model import Customer
    from invoicing.downloads.model import DownloadLink
    from invoicing.dunning.document import DunningDocument
    from invoicing.dunning.rule import DunningRule
    from invoicing.dunning.run import DunningRun
    from invoicing.dunning.skip import DunningSkip
    from invoicing.mail.model import OutgoingMail, Suppression
    from invoicing.notes.model import Note
    from invoicing.orders.model import OrderSummary
    from invoicing.settlement.credit import Credited
    from invoicing.settlement.payment import Payment
    from invoicing.tenants.model import Tenant
    from invoicing.tenants.test_clock import TenantClock
    from invoicing.users.model import ApiKey, User

LAST_USED_AT = "last_used_at"
"""Stands beside the data, as to be used does not change a key."""
PART_BYTES = 300_000
SMALL_BYTES = 16_000
MAX_BODY_BYTES = 3_500_000
FILTERED = (
    "status", "payment_status", "type", "customer_id", "order_id", "external_id", "currency", "origin", "number",
    "issue_date", "due_date", "created_at", "updated_at",
)  # fmt: skip
"""The fields of an invoice that lists can be filtered by."""


def text(value: object) -> str:
    """A value as filters and sort keys compare it."""
    if isinstance(value, datetime):
        return instant_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def searched(value: str) -> str:
    """A text as it is searched for: whatever its case."""
    return value.casefold()


def keyed(key: Key, entity: str, data: str | None = None, version: int | None = None) -> Item:
    """The attributes every item has."""
    item: Item = {**key.address, "entity": {"S": entity}, SCHEMA_VERSION: {"N": str(present_version(entity))}}
    if data is not None:
        item["data"] = {"S": data}
    if version is not None:
        item["version"] = {"N": str(version)}
    return item


def listed(*places: tuple[Place | None, str]) -> Item:
    """The index attributes that put an item into lists, each at a sort key."""
    item: Item = {}
    for place, sort in places:
        if place is not None and place.index is not None:
            index = keys.INDEXES[place.index]
            item[index.partition] = {"S": place.partition}
            item[index.sort] = {"S": sort}
    return item


def filtered(thing: Value, *names: str) -> Item:
    """The attributes that lists can be filtered by."""
    return {name: {"S": text(value)} for name in names if (value := getattr(thing, name)) is not None}


def _customer(thing: "Customer", tenant: str) -> Item:
    item = keyed(keys.customer(tenant, thing.id), "customer", thing.model_dump_json(), thing.version)
    item |= filtered(thing, "external_id", "type", "currency", "tax_id", "created_at", "updated_at")
    item |= {"name": {"S": searched(thing.name)}, "archived": {"BOOL": thing.archived_at is not None}}
    if thing.emails:
        item["emails"] = {"SS": sorted({searched(email) for email in thing.emails})}
    return item | listed(
        (keys.of_tenant(tenant, "CUS"), thing.id),
        ((thing.owner_id and keys.of_owner(tenant, thing.owner_id, "CUS")) or None, thing.id),
    )


def _payment(thing: "Payment", tenant: str) -> Item:
    key = keys.invoice(tenant, thing.invoice_id).at(keys.PAYMENT + thing.id)
    sort = f"{thing.date.isoformat()}#{thing.id}"
    item = keyed(key, "payment", thing.model_dump_json(exclude_none=True), thing.version) | filtered(
        thing, "external_id"
    )
    return item | listed(
        (keys.of_tenant(tenant, "PAY"), sort),
        ((thing.customer_id and keys.of_customer(tenant, thing.customer_id, "PAY")) or None, sort),
    )


def _credited(thing: "Credited", tenant: str) -> Item:
    key = keys.invoice(tenant, thing.invoice_id).at(keys.CREDIT + thing.credit_note_id)
    return keyed(key, "credited", thing.model_dump_json(), thing.version)


def _mail(thing: "OutgoingMail", tenant: str) -> Item:
    key = keys.invoice(tenant, thing.invoice_id).at(keys.MAIL + thing.id)
    item = keyed(key, "mail", thing.model_dump_json(exclude_defaults=True), thing.version)
    return item | listed((keys.DEFERRED_MAILS if thing.waits else None, f"{text(thing.retry_at)}#{thing.id}"))


def _note(thing: "Note", tenant: str) -> Item:
    key = keys.invoice(tenant, thing.invoice_id).at(keys.NOTE + thing.id)
    return keyed(key, "note", thing.model_dump_json(), thing.version)


def _suppression(thing: "Suppression", tenant: str) -> Item:
    return keyed(keys.suppressed(tenant, thing.id), "suppression", thing.model_dump_json(), thing.version)


def _test_clock(thing: "TenantClock", tenant: str) -> Item:
    return keyed(keys.clock(tenant), "test_clock", thing.model_dump_json(), thing.version)


def _tenant(thing: "Tenant", tenant: str) -> Item:
    return keyed(keys.settings(tenant), "tenant", thing.model_dump_json(), thing.version)


def _user(thing: "User", tenant: str) -> Item:
    item = keyed(keys.user(tenant, thing.id), "user", thing.model_dump_json(), thing.version)
    return item | filtered(thing, "role", "email", "customer_id") | listed((keys.of_tenant(tenant, "USER"), thing.id))


def _api_key(thing: "ApiKey", tenant: str) -> Item:
    kept = thing.model_dump_json(exclude={LAST_USED_AT, *secret_fields(type(thing))})
    item = keyed(keys.api_key(tenant, thing.id), "api_key", kept, thing.version)
    item |= filtered(thing, "user_id", LAST_USED_AT)
    return item | listed((keys.of_tenant(tenant, "KEY"), thing.id))


def secret_item(digest: str, tenant: str, key: "ApiKey") -> Item:
    """The way from a secret to its key, its user and its tenant."""
    found = {"tenant_id": {"S": tenant}, "key_id": {"S": key.id}, "user_id": {"S": key.user_id}}
    return keyed(keys.secret(digest), "secret") | found | {"sha256": {"S": digest}}


def _activity(thing: Activity, tenant: str) -> Item:
    item = keyed(
        keys.invoice(tenant, thing.invoice_id or "").at(keys.ACTIVITY + thing.id),
        "activity",
        thing.model_dump_json(),
        thing.version,
    )
    return item | {
        "action_key": {"S": thing.action_key},
        "public": {"BOOL": thing.public},
        "pinned": {"BOOL": thing.pinned},
    }


def _head(thing: Parted) -> str:
    # A head is paid by its kilobytes, in the table and in each index: what goes without saying is not said.
    return thing.model_dump_json(include=set(thing.head()), exclude_defaults=True)


def _order(thing: "OrderSummary", tenant: str) -> Item:
    item = keyed(keys.order(tenant, thing.id), "order", _head(thing), thing.version)
    item |= filtered(thing, "status", "customer_id", "purchase_order_id", "currency", "created_at", "updated_at")
    return item | listed(
        (keys.of_tenant(tenant, "ORD"), thing.id),
        (keys.of_customer(tenant, thing.customer_id, "ORD"), thing.id),
    )


def _invoice(thing: InvoiceSummary, tenant: str) -> Item:
    item = keyed(keys.invoice(tenant, thing.id), "invoice", _head(thing), thing.version)
    item |= filtered(thing, *FILTERED)
    creator = thing.created_by and keys.of_creator(tenant, thing.created_by.id, "INV")
    owner = thing.owner_id and keys.of_owner(tenant, thing.owner_id, "INV")
    buyer = thing.customer_id and keys.of_customer(tenant, thing.customer_id, "INV")
    return item | listed(
        (keys.of_tenant(tenant, "INV"), thing.id),
        (buyer or None, thing.id),
        (creator or None, thing.id),
        (owner or None, thing.id),
        (keys.by_due_date(tenant) if thing.due_date else None, f"{thing.due_date}#{thing.id}"),
        (keys.not_told_overdue(tenant) if may_turn_overdue(thing) else None, f"{thing.due_date}#{thing.id}"),
        _dunned(thing, tenant),
    )


def _dunned(thing: InvoiceSummary, tenant: str) -> tuple[Place | None, str]:
    """Where a run looks for it while something is due; the run asks the rules, so that these can change."""
    dunning = thing.dunning
    if thing.type != "invoice" or thing.status != "open" or thing.due_date is None:
        return None, ""
    if dunning is None:
        return keys.dunned(tenant, "company", 0), f"{thing.due_date}#{thing.id}"
    place = keys.dunned(tenant, dunning.customer_type, dunning.level, disabled=dunning.disabled)
    return place, f"{dunning.counts_from(thing.due_date)}#{thing.id}"


def _dunning_rule(thing: "DunningRule", tenant: str) -> Item:
    return keyed(keys.dunning_rule(tenant, thing.id), "dunning_rule", thing.model_dump_json(), thing.version)


def _dunning_skip(thing: "DunningSkip", tenant: str) -> Item:
    key = keys.invoice(tenant, thing.invoice_id).at(keys.SKIPPED + thing.id)
    return keyed(key, "dunning_skip", thing.model_dump_json(), thing.version)


def _dunning_run(thing: "DunningRun", tenant: str) -> Item:
    return keyed(keys.dunning_run(tenant, thing.id), "dunning_run", thing.model_dump_json(), thing.version)


def _dunning_document(thing: "DunningDocument", tenant: str) -> Item:
    item = keyed(keys.dunning_document(tenant, thing.id), "dunning_document", thing.model_dump_json(), thing.version)
    sort = f"{thing.issue_date}#{thing.id}"
    buyer = thing.customer_id and keys.of_customer(tenant, thing.customer_id, "DUN")
    item |= filtered(thing, "status", "invoice_id", "customer_id", "type", "level", "sent_at")
    return item | listed((keys.of_tenant(tenant, "DUN"), sort), (buyer or None, sort))


_ITEM_OF: dict[str, Callable[..., Item]] = {
    "activity": _activity,
    "api_key": _api_key,
    "credited": _credited,
    "customer": _customer,
    "dunning_document": _dunning_document,
    "dunning_rule": _dunning_rule,
    "dunning_run": _dunning_run,
    "dunning_skip": _dunning_skip,
    "invoice": _invoice,
    "mail": _mail,
    "note": _note,
    "order": _order,
    "payment": _payment,
    "suppression": _suppression,
    "tenant": _tenant,
    "test_clock": _test_clock,
    "user": _user,
}


NOUNS = frozenset(_ITEM_OF)
"""The nouns that have an item of their own."""


def item_of(thing: "Aggregate | Activity", tenant: str) -> Item:
    """The item of a thing; an invoice's is its head."""
    return _ITEM_OF[thing.object](thing, tenant)


def link_items(link: "DownloadLink", tenant: str, digest: str) -> tuple[Item, Item]:
    """A download link as the token finds it, and the way from its id to it."""
    kept = link.model_dump_json(exclude=set(secret_fields(type(link))))
    opened = keyed(keys.link(digest), "download_link", kept, link.version)
    opened["tenant_id"] = {"S": tenant}
    opened["invoice_id"] = {"S": link.invoice_id}
    named = keyed(keys.invoice(tenant, link.invoice_id).at(keys.LINK + link.id), "download_link_id")
    named["digest"] = {"S": digest}
    return opened, named


def compressed(content: bytes) -> bytes:
    """Bytes as they are stored.

    For small ones zlib's full window would cost ten times the compressing itself, and level 6 twice as much as level 3,
    which makes them a twentieth longer.
    """
    if len(content) > SMALL_BYTES:
        return zlib.compress(content)
    small = zlib.compressobj(level=3, wbits=12, memLevel=5)
    return small.compress(content) + small.flush()


def content_text(thing: Parted) -> str:
    """The content of a thing beside its head, as JSON."""
    return thing.model_dump_json(include=set(thing.content()), exclude_none=True)


def content_items(thing: Parted, key: Key, text: str, revision: int) -> list[Item]:
    """The content of a thing, compressed, in parts.

    Each part has the revision at which it was written, and so has the head: where they differ, a read was torn.
    """
    raw = compressed(text.encode())
    if len(raw) > MAX_BODY_BYTES:
        raise DocumentTooLarge
    return [
        keyed(key.at(f"{keys.BODY}{number:02d}"), f"{thing.object}_content", version=revision)
        | {"part": {"B": raw[start : start + PART_BYTES]}}
        for number, start in enumerate(range(0, len(raw), PART_BYTES))
    ]


def content_of(parts: Sequence[Mapping[str, Any]]) -> str:
    """The content of a thing as JSON, from its parts in order."""
    return zlib.decompress(b"".join(bytes(part["part"]["B"]) for part in parts)).decode()


def aside_text(thing: Parted) -> str:
    """What stands beside head and content, as JSON; `{}` where there is nothing."""
    return thing.model_dump_json(include=set(thing.aside()), exclude_none=True)


def aside_item(thing: Parted, key: Key, text: str) -> Item:
    """The item of what stands beside head and content."""
    return keyed(key.at(keys.ASIDE), f"{thing.object}_aside", text)


def same(names: Iterable[str], before: Aggregate | None, after: Aggregate) -> bool:
    """Whether a thing was read and differs in none of these fields now."""
    return before is not None and all(
        hasattr(before, name) and getattr(before, name) == getattr(after, name) for name in names
    )


def text_of(item: Item) -> str:
    """The JSON of an item, in the schema that this code knows."""
    return migrated(item["data"]["S"], item)


def model_of[V: Value](model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
    """A thing from its item, or from this text of it. `shows` where nothing is decided by it."""
    thing = (read_to_show if shows else read)(model, text or text_of(item))
    used = item.get(LAST_USED_AT)
    return thing.model_copy(update={LAST_USED_AT: datetime.fromisoformat(used["S"])}) if used else thing


def changed_fields(before: Aggregate | None, after: Aggregate) -> Iterator[str]:
    """The names of the fields that a change changed, bookkeeping aside."""
    if before is None:
        return
    for name in type(after).model_fields:
        if name not in {"version", "updated_at", "updated_by"} and getattr(before, name, None) != getattr(after, name):
            yield name


@lru_cache(maxsize=16)
def tenant_of(data: str) -> "Tenant":
    """The tenant from the text of its row. Each request reads the row, and most find the same text."""
    from invoicing.tenants.model import Tenant

    return read(Tenant, data)
