"""How entries of a document's timeline are read and replaced. `store.entries` writes them."""

from collections.abc import Iterable, Mapping

from invoicing.core.activity import Activity
from invoicing.core.identity import Author, Caller, Role
from invoicing.invoices.event import InvoiceEvent, about_document
from invoicing.invoices.table import invoice_key
from invoicing.store import keys
from invoicing.store.entries import entry_item
from invoicing.store.keys import Item, Key
from invoicing.store.listing import Condition, Filter, KeyRange, beginning_with
from invoicing.store.reading import item_at, items_beginning
from invoicing.store.rows.items import model_of, text_of
from invoicing.store.rows.schema import SCHEMA_VERSION
from invoicing.store.rows.stored import Stored, kept
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.transaction import Write, changed_meanwhile, update, write_alone
from invoicing.timeline.errors import ActivityNotFound
from invoicing.timeline.requests import TimelineQuery

_REPLACED = ("data", "version", "public", "pinned", SCHEMA_VERSION)


def timeline(tenant: str, invoice_id: str) -> KeyRange:
    """The timeline of a document."""
    return beginning_with(invoice_key(tenant, invoice_id), keys.ACTIVITY)


def conditions_of(query: TimelineQuery, caller: Caller) -> list[Filter]:
    """The conditions of a query. Customers see public entries only."""
    found: list[Filter] = []
    if caller.role is Role.CUSTOMER:
        found.append(Condition("public", "=", value=True))
    if query.action_key is not None:
        found.append(Condition("action_key", "IN", query.action_key.split(",")))
    if query.public is not None:
        found.append(Condition("public", "=", query.public))
    if query.pinned is not None:
        found.append(Condition("pinned", "=", query.pinned))
    return found


def entry_of(store: Store, invoice_id: str, activity_id: str) -> Activity:
    """One entry of a timeline, if the caller may see it."""
    item = item_at(invoice_key(store.tenant_id, invoice_id).at(keys.ACTIVITY + activity_id))
    entry = _read(store.session, item) if item else None
    if entry is None or not entry.visible_to(store.session.caller):
        raise ActivityNotFound
    store.session.require_version(entry.id, entry.version)
    return entry


def entries_about(store: Store, invoice_id: str) -> Iterable[Activity]:
    """All entries of a timeline."""
    rows = items_beginning(invoice_key(store.tenant_id, invoice_id), keys.ACTIVITY)
    return tuple(_read(store.session, row) for row in rows)


def replace_entry(
    store: Store, entry: Activity, event: InvoiceEvent, *, shown: Mapping[str, Author] | None = None
) -> Activity:
    """Replace an entry by its next state and record the event. The response shows it with the names of these users."""
    after = entry.model_copy(update={"version": entry.version + 1})
    named = after.naming(shown or {})
    store.append(
        about_document(entry.invoice_id or "", event),
        also=[lambda session: [_replacement(after, session)]],
        response=named if shown is not None else None,
    )
    return named


def rewrite_entry(entry: Activity, session: Session) -> None:
    """Replace an entry by its next state without an event, because no user decided anything."""
    write_alone(_replacement(entry, session))


def _read(session: Session, item: Item) -> Activity:
    text = text_of(item)
    entry = model_of(Activity, item, text, shows=session.shows)
    session.stored[Key.of(item)] = Stored(item, text, entry)
    return entry


def _replacement(entry: Activity, session: Session) -> Write:
    """An entry's next state. The event that was written with it stays beside it, published or not."""
    key = invoice_key(session.caller.tenant_id, entry.invoice_id or "")
    item = entry_item(entry, key)
    stored = session.stored.get(Key.of(item))
    if stored is not None and isinstance(stored.thing, Activity):
        item = kept(item, stored, entry_item(stored.thing, key), entry)
    return update(
        Key.of(item),
        changed_meanwhile,
        rank=1,
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in _REPLACED),
        ConditionExpression="#version = :before",
        ExpressionAttributeNames={f"#{name}": name for name in _REPLACED},
        ExpressionAttributeValues={
            ":before": {"N": str(entry.version - 1)},
            **{f":{name}": item[name] for name in _REPLACED},
        },
    )
