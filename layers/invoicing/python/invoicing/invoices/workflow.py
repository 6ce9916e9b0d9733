"""Steps that several invoice functions share."""

from collections.abc import Callable, Sequence
from datetime import date

from invoicing.catalogue.use import filled_in
from invoicing.core.event import Recorded
from invoicing.customers.model import Customer
from invoicing.customers.table import tenant_and_customer
from invoicing.invoices.drafts.fields import document_terms
from invoicing.invoices.drafts.model import ChangedInvoice, NewInvoice, RequestedChange, RequestedInvoice
from invoicing.invoices.drafts.references import DepositReference
from invoicing.invoices.drafts.supporting import AttachmentReference
from invoicing.invoices.events import InvoiceOverdue, InvoiceUpdated
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.overdue import turned_overdue
from invoicing.orders.references import require_references
from invoicing.pricing.prices import require_line_ids
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant


def new_invoice(store: Store, asked: RequestedInvoice, customer: Customer | None, tenant: Tenant) -> NewInvoice:
    """A draft to create, with lines that name a price of the catalogue filled in."""
    lines = filled_in(store, tenant, asked.lines, document_terms(asked, customer, tenant))
    # Everything else was validated with the request.
    return NewInvoice.model_construct(asked.model_fields_set, **{**vars(asked), "lines": lines})


def change_draft(
    store: Store, invoice_id: str, change: Callable[[ChangedInvoice], RequestedChange], *, appends: bool = False
) -> Invoice:
    """Commit a draft with the client's fields as `change` changes them.

    `appends` if the request has only lines that are added at the end, so that the first of them is its `/lines/0`.
    """
    invoice = store.get(Invoice, invoice_id)
    require(invoice, Action.UPDATE)
    asked = change(invoice.data)
    require_line_ids(asked.lines, invoice.lines)
    tenant, customer = tenant_and_customer(store, asked.customer_id)
    terms = document_terms(asked, customer, tenant)
    lines = filled_in(store, tenant, asked.lines, terms, first=len(invoice.lines) if appends else 0)
    data = ChangedInvoice.model_construct(asked.model_fields_set, **{**vars(asked), "lines": lines})
    moment = store.session.moment
    changed = invoice.changed(data, customer=customer, tenant=tenant, moment=moment)
    changed = with_deposits(store, changed, data.deposits, tenant, before=invoice)
    changed = _with_attachments(store, changed, data.attachments, before=invoice)
    require_references(
        store,
        order_id=data.order_id,
        form_id=data.form_id,
        references=data.references,
        prepaid=data.prepaid,
        before=invoice,
    )
    return store.commit(Recorded(changed, InvoiceUpdated()))


def with_deposits(
    store: Store, draft: Invoice, wanted: Sequence[DepositReference], tenant: Tenant, before: Invoice | None = None
) -> Invoice:
    """A draft with the deposits that it deducts. Those that it deducted `before` are read again when it is issued."""
    if not wanted:
        return draft
    if before is not None and _deducts_the_same(draft, wanted, before):
        return draft.deducting(before.deposits, tenant)
    # Loaded here, because few invoices have deposits and most functions need no code for credits.
    from invoicing.settlement.deducting import deducting

    return deducting(store, draft, wanted, tenant).final


def _deducts_the_same(draft: Invoice, wanted: Sequence[DepositReference], before: Invoice) -> bool:
    facts = ("customer_id", "customer", "customer_address", "currency", "purpose")
    same = all(getattr(draft, name) == getattr(before, name) for name in facts)
    return same and [one.invoice_id for one in wanted] == [one.invoice_id for one in before.deposits]


def _with_attachments(store: Store, draft: Invoice, wanted: Sequence[AttachmentReference], before: Invoice) -> Invoice:
    """A draft with its files. Those that it had `before` are read again when it is issued."""
    if tuple(wanted) == tuple(one.source for one in before.attachments):
        return draft.model_copy(update={"attachments": before.attachments})
    # Loaded here, because few documents have attachments and most functions need no code for files.
    from invoicing.notes.attaching import attaching

    return attaching(store, draft.id, wanted).to(draft)


def mark_overdue(store: Store, invoice_id: str, today: date) -> None:
    """Mark an invoice as overdue if its newest state is overdue."""

    def mark(fresh: Store) -> None:
        overdue = turned_overdue(fresh.get(InvoiceSummary, invoice_id), today, fresh.session.now)
        if overdue is not None and overdue.due_date is not None:
            fresh.record(Recorded(overdue, InvoiceOverdue(due_date=overdue.due_date, due=overdue.due)))

    retry_on_conflict(store, mark)
