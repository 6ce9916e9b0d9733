"""POST /invoices/{invoice_id}/duplicate"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.customers.table import tenant_and_customer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.drafts.drafting import duplicated
from invoicing.invoices.events import InvoiceCopied
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.issuing.refusals import OF_ITS_CONTENT, OF_ITS_STATE


@endpoint(
    "POST",
    "/invoices/{invoice_id}/duplicate",
    scope="invoice:write",
    status=201,
    action=Action.DUPLICATE,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, *OF_ITS_CONTENT],
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Create a draft copy of an invoice.

    The copy has no number, no payments and none of the dates and references of the original.
    """
    invoice = request.store.get(Invoice, invoice_id)
    require(invoice, Action.DUPLICATE)
    tenant, customer = tenant_and_customer(request.store, invoice.customer_id)
    draft = Invoice.draft(
        request.new_id("inv"),
        duplicated(invoice),
        customer=customer,
        tenant=tenant,
        moment=request.moment,
        origin="duplicate",
    )
    return request.store.commit(Recorded(draft, InvoiceCopied(copy_of=invoice.id)))
