"""What all changes to a draft have in common: what follows from it is computed anew, and it is one commit."""

from collections.abc import Callable

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.draft import ChangedInvoice
from invoicing.domain.events import InvoiceUpdated
from invoicing.domain.invoice import Invoice
from invoicing.domain.lifecycle import Action, require
from invoicing.workflows.references import require_references


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
