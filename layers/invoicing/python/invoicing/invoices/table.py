"""How invoices, credit notes and cancellations are stored, their lists, and which ones a caller may see."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from invoicing.core.activity import Activity
from invoicing.core.errors import AccessDenied
from invoicing.core.identity import Caller, Role
from invoicing.core.model import Aggregate, Value, values_of
from invoicing.customers.model import Customer
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.key_figures import kpis_of
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.overdue import may_turn_overdue, overdue_depends_on_zone
from invoicing.invoices.requests import InvoiceQuery
from invoicing.issuing.warnings import warnings_of
from invoicing.reports.balance import IN_ENTRY, change_of
from invoicing.store import keys
from invoicing.store.keys import IndexPartition, Item, Key
from invoicing.store.listing import Condition, Filter, KeyRange, Not, between, days, same
from invoicing.store.reading import KEYS_A_CALL, items_at
from invoicing.store.rows.items import filtered, lacks_aside, listed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import settings_key, tenant_in, tenant_of

if TYPE_CHECKING:
    from invoicing.core.page import ListQuery, Page
    from invoicing.http.request import Request

KIND = "INV"
_SORTS = (keys.HEAD, f"{keys.BODY}00")
"""The items of a whole document whose content has one part, beside a third one that few documents have."""
FILTERED = (
    "status", "payment_status", "type", "customer_id", "order_id", "external_id", "currency", "origin", "number",
    "issue_date", "due_date", "created_at", "updated_at",
)  # fmt: skip
"""The fields that lists can be filtered by."""
_EQUAL = ("status", "payment_status", "type", "order_id", "external_id", "currency", "origin")


class _Late(NamedTuple):
    """Documents that were read but for their third items, and the keys of these."""

    ids: Sequence[str]
    keys: Sequence[Key]


class InvoiceTable(Table[InvoiceSummary]):
    """`T#<tenant>#INV#<invoice>`: the head has SK `#`, its content `#BODY#<part>`, later additions `#ASIDE`."""

    kind = InvoiceSummary
    part = KIND
    missing = InvoiceNotFound
    is_document = True
    collection = "invoices"

    def represented(self, thing: InvoiceSummary, day_of: Callable[[datetime], date]) -> InvoiceSummary:
        """A whole document has its key figures, its warnings, and each allowance and charge with its amount."""
        if not isinstance(thing, Invoice):
            return thing
        derived = {"kpis": kpis_of(thing, day_of), "warnings": tuple(warnings_of(thing))}
        return thing.listed.model_copy(update=derived)

    def attributes(self, thing: InvoiceSummary, tenant: str) -> Item:
        """The lists of tenant, customer, creator and owner, by due date, not yet overdue, and by level of dunning."""
        creator = thing.created_by and keys.of_creator(tenant, thing.created_by.id, KIND)
        owner = thing.owner_id and keys.of_owner(tenant, thing.owner_id, KIND)
        buyer = thing.customer_id and keys.of_customer(tenant, thing.customer_id, KIND)
        due = f"{thing.due_date}#{thing.id}"
        return filtered(thing, *FILTERED) | listed(
            (keys.of_tenant(tenant, KIND), thing.id),
            (buyer or None, thing.id),
            (creator or None, thing.id),
            (owner or None, thing.id),
            (by_due_date(tenant) if thing.due_date else None, due),
            (not_yet_overdue(tenant) if may_turn_overdue(thing) else None, due),
            _dunned(thing, tenant),
        )

    def require_visible(self, thing: InvoiceSummary, caller: Caller) -> None:
        """Members see documents of their own and of owned customers, portal users issued ones of their customer."""
        if not thing.visible_to(caller):
            raise AccessDenied

    def prepare(self, thing: InvoiceSummary, session: Session) -> None:
        """The time zone matters for `overdue` only around the due date, so few events need it."""
        if session.time_zone is None and overdue_depends_on_zone(thing, session.now):
            tenant_of(Store(session))

    def entry_attributes(
        self, before: InvoiceSummary | None, after: InvoiceSummary, entries: Sequence[Activity], revision: int
    ) -> Item:
        """The change of the balance. The entry keeps it, so the reports can be made of the timelines at any time."""
        change = change_of(before, after, entries, revision)
        return {} if change is None else {IN_ENTRY: {"S": change.stored}}

    def references(self, thing: InvoiceSummary) -> tuple[tuple[type[Aggregate], str], ...]:
        """A document refers to its customer."""
        return ((Customer, thing.customer_id),) if thing.customer_id else ()


class PartTable[A: Aggregate](Table[A]):
    """Resources in the partition of their document, each kind under a prefix of the sort key."""

    prefix: ClassVar[str]
    ids = ("invoice_id", "id")

    def key(self, tenant: str, *ids: str) -> Key:
        """The key, from the document's id and the resource's own."""
        invoice_id, id_ = ids
        return invoice_key(tenant, invoice_id).at(self.prefix + id_)


def invoice_key(tenant: str, invoice_id: str) -> Key:
    """The key of a document's head. Payments, mails, notes and entries are in the same partition."""
    return InvoiceTable().key(tenant, invoice_id)


def invoices_of(tenant: str, customer_id: str) -> IndexPartition:
    """All documents of a customer."""
    return keys.of_customer(tenant, customer_id, KIND)


def invoices_of_owner(tenant: str, user_id: str) -> IndexPartition:
    """All documents of the customers that a user owns."""
    return keys.of_owner(tenant, user_id, KIND)


def drafts_created(
    tenant: str,
    *,
    customer_id: str | None = None,
    currency: str | None = None,
    created_to: datetime | None = None,
    first: str | None = None,
) -> tuple[KeyRange, list[Filter]]:
    """The list of drafts in the order of their creation, from the id `first` on, and its conditions."""
    whose = keys.of_customer(tenant, customer_id, KIND) if customer_id else keys.of_tenant(tenant, KIND)
    conditions: list[Filter] = [*same(status=Status.DRAFT, currency=currency), *between("created_at", None, created_to)]
    return KeyRange(whose, first), conditions


def drafts_at(store: Store, ids: Sequence[str]) -> Iterator[tuple[str, Invoice | Exception | None]]:
    """The drafts with these ids, as many in one read as DynamoDB returns.

    None if a document is no draft, or the error of reading it. Those that the caller does not reach are not decoded.
    A head without proof that it has no third item needs another read. From the first such head on, all three items are
    read.
    """
    place, late = 0, _Late((), ())
    sorts: tuple[str, ...] = _SORTS
    found: dict[Key, Item] = {}
    while place < len(ids) or late.ids:
        some = ids[place : place + (KEYS_A_CALL - len(late.keys)) // len(sorts)]
        heads = [invoice_key(store.tenant_id, one) for one in some]
        found |= items_at([*late.keys, *(head.at(sort) for head in heads for sort in sorts)])
        place += len(some)
        third = [head.at(keys.ASIDE) for head in heads if head in found and not lacks_aside(found[head])]
        if third and sorts is _SORTS:
            sorts, late = (*_SORTS, keys.ASIDE), _Late(some, third)
            continue
        yield from ((id_, _draft(store, found, id_)) for id_ in (*late.ids, *some))
        late, found = _Late((), ()), {}


def _draft(store: Store, found: Mapping[Key, Item], id_: str) -> Invoice | Exception | None:
    head = found.get(invoice_key(store.tenant_id, id_))
    if head is None or not _is_draft(head):
        return None
    try:
        return store.take_whole(Invoice, found, id_)
    except InvoiceNotFound:
        # It was deleted between two reads of its parts.
        return None
    except Exception as failure:  # noqa: BLE001 — the caller decides about it
        return failure


def _is_draft(head: Item) -> bool:
    return bool(head["status"]["S"] == Status.DRAFT)


def by_due_date(tenant: str) -> IndexPartition:
    """All documents with a due date, in its order."""
    return keys.index_of(tenant, "GSI6", "DUE")


def not_yet_overdue(tenant: str) -> IndexPartition:
    """Open invoices without an `invoice.overdue` event, in the order of their due dates."""
    return keys.index_of(tenant, "GSI7", "OPEN")


def at_level(tenant: str, customer_type: str, level: int, *, disabled: bool = False) -> IndexPartition:
    """Open invoices at a level to customers of a type, by the date from which the next level counts.

    Invoices with disabled dunning have their own partition: a run does not read it, the list of skipped invoices does.
    """
    return keys.index_of(tenant, "GSI5", "DUN", customer_type, level, *(["OFF"] if disabled else []))


def summary_and_tenant(store: Store, invoice_id: str) -> tuple[InvoiceSummary, Tenant]:
    """A document without its content, and the tenant, in one read."""
    key = invoice_key(store.tenant_id, invoice_id)
    found = items_at([key, settings_key(store.tenant_id)])
    if key not in found:
        raise InvoiceNotFound
    return store.take(InvoiceSummary, found[key]), tenant_in(store, found)


def customer_of(store: Store, invoice: InvoiceSummary) -> Customer | None:
    """The customer of a document as it is now; None if its buyer is not stored as a customer."""
    return None if invoice.customer_id is None else store.get(Customer, invoice.customer_id)


def require_visible(store: Store, invoice_id: str) -> None:
    """Refuse callers who may see only some documents and not this one. Others cost no read."""
    if store.session.caller.limited:
        store.get(InvoiceSummary, invoice_id)


def page_beside[V: Value](
    request: "Request",
    model: type[V],
    invoice_id: str,
    key_range: KeyRange,
    query: "ListQuery",
    conditions: Sequence[Filter] = (),
) -> "Page[V]":
    """One page of resources of a document. If the page is empty, it is checked whether the document exists."""
    require_visible(request.store, invoice_id)
    page = request.page(model, query, [key_range], conditions, about=invoice_id)
    if not page.data and query.cursor is None:
        request.store.get(InvoiceSummary, invoice_id)
    return page


def ranges_of(query: InvoiceQuery, caller: Caller, today: date, holder: str | None = None) -> list[KeyRange]:
    """The parts of lists that a query reads; `holder` is the document with the number in the query."""
    by_date = bool(query.overdue or query.due_from or query.due_to)
    if not caller.limited and query.customer_id is None and holder is None and by_date:
        return [days(by_due_date(caller.tenant_id), *_due(query, today))]
    return [KeyRange(partition, holder, holder) for partition in _lists_of(query, caller)]


def conditions_of(query: InvoiceQuery, caller: Caller, today: date) -> list[Filter]:
    """The conditions of a query that its ranges do not cover."""
    found: list[Filter] = [*same(**values_of(query, _EQUAL))]
    found += between("issue_date", query.issued_from, query.issued_to)
    found += between("created_at", query.created_from, query.created_to)
    found += between("updated_at", query.updated_since, None)
    if caller.limited or query.customer_id or query.number:
        found += between("due_date", *_due(query, today))
    if caller.limited:
        found += same(customer_id=query.customer_id)
    if caller.role is Role.CUSTOMER:
        found.append(Not(tuple(same(status=Status.DRAFT))))
    if query.overdue:
        found += same(status=Status.OPEN, type="invoice")
    elif query.overdue is False:
        overdue = (*same(status=Status.OPEN, type="invoice"), Condition("due_date", "<", today.isoformat()))
        found.append(Not(overdue))
    return found


def _lists_of(query: InvoiceQuery, caller: Caller) -> list[IndexPartition]:
    """A member's own invoices and those of owned customers; a customer's; all."""
    tenant = caller.tenant_id
    if caller.role is Role.MEMBER:
        me = caller.user.id if caller.user else "-"
        return [keys.of_creator(tenant, me, KIND), keys.of_owner(tenant, me, KIND)]
    if caller.role is Role.CUSTOMER:
        # A portal user without a customer must see nothing instead of everything.
        return [keys.of_customer(tenant, caller.customer_id or "-", KIND)]
    return [keys.of_customer(tenant, query.customer_id, KIND) if query.customer_id else keys.of_tenant(tenant, KIND)]


def _due(query: InvoiceQuery, today: date) -> tuple[date | None, date | None]:
    """The due dates of a query; an overdue invoice was due yesterday at the latest."""
    latest = [day for day in (query.due_to, today - timedelta(days=1) if query.overdue else None) if day]
    return query.due_from, min(latest, default=None)


def _dunned(thing: InvoiceSummary, tenant: str) -> tuple[IndexPartition | None, str]:
    """The list in which a dunning run finds it while an amount is due. The run reads the rules, so these can change."""
    dunning = thing.dunning
    if thing.type != "invoice" or thing.status != "open" or thing.due_date is None or thing.type_code == "389":
        return None, ""
    if dunning is None:
        return at_level(tenant, "company", 0), f"{thing.due_date}#{thing.id}"
    partition = at_level(tenant, dunning.customer_type, dunning.level, disabled=dunning.disabled)
    return partition, f"{dunning.counts_from(thing.due_date)}#{thing.id}"
