"""GET /invoices/{invoice_id}"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.domain.document_read import DocumentRead
from invoicing.domain.errors import AccessDenied, InvoiceNotFound
from invoicing.domain.identity import Role
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice
from invoicing.workflows.reading import record_or_defer
from invoicing.workflows.sending import record_sent


@endpoint(
    "GET",
    "/invoices/{invoice_id}",
    scope="invoice:read",
    grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH],
    raises=[InvoiceNotFound, AccessDenied],
    canary=True,
    portal=True,
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Retrieve an invoice, credit note or cancellation.

    The answer includes all lines and texts.
    """
    invoice = request.store.showing().invoice(invoice_id)
    if request.caller.role is not Role.CUSTOMER or invoice.sent_at is not None:
        return invoice
    # What its customer has read was sent: a credit note cannot be voided any more.
    read = DocumentRead(tenant_id=request.caller.tenant_id, invoice_id=invoice_id, read_at=request.now)
    if not record_or_defer(request.store, read, lambda store: record_sent(store, invoice_id)):
        return invoice
    return request.store.showing().invoice(invoice_id)
