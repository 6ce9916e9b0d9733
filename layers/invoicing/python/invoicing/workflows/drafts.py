"""What all changes to a draft have in common: what follows from it is computed anew, and it is one commit."""

from collections.abc import Callable, Iterable

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.draft import ChangedInvoice, DocumentReference
from invoicing.domain.events import InvoiceUpdated
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require


def require_references(
    store: Store,
    *,
    order_id: str | None = None,
    references: Iterable[DocumentReference] = (),
    before: Invoice | None = None,
) -> None:
    """Refuse an order or an earlier document that the tenant does not have.

    What the draft referred to `before` is not checked again: a document that it named may have been deleted since.
    """
    known = {before.order_id, *(one.invoice_id for one in before.references)} if before else set()
    orders, invoices = {}, {}
    if order_id is not None and order_id not in known:
        orders["/order_id"] = order_id
    for place, one in enumerate(references):
        if one.invoice_id is not None and one.invoice_id not in known:
            invoices[f"/references/{place}/invoice_id"] = one.invoice_id
    store.require_references(orders, invoices)


def change_draft(store: Store, invoice_id: str, change: Callable[[ChangedInvoice], ChangedInvoice]) -> Invoice:
    """The draft as it is once what a client says about it is what `change` makes of it."""
    invoice = store.invoice(invoice_id)
    require(invoice, Action.UPDATE)
    data = change(invoice.data)
    tenant, customer = store.tenant_and_customer(data.customer_id)
    by, at = store.session.caller, store.session.now
    changed = invoice.changed(data, customer=customer, tenant=tenant, by=by, at=at)
    require_references(store, order_id=data.order_id, references=data.references, before=invoice)
    return store.commit(changed, InvoiceUpdated())
