"""GET /invoices/{invoice_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.identity import Role
from invoicing.core.ids import InvoiceId
from invoicing.downloads.document_read import DocumentRead
from invoicing.downloads.reading import record_or_defer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import Invoice
from invoicing.issuing.refusals import OF_A_DOCUMENT
from invoicing.mail.sent import record_sent


@endpoint(
    "GET",
    "/invoices/{invoice_id}",
    scope="invoice:read",
    grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH],
    raises=[*OF_A_DOCUMENT],
    canary=True,
    portal=True,
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Retrieve an invoice, credit note or cancellation.

    The response includes all lines and texts.
    """
    invoice = request.store.showing().get(Invoice, invoice_id)
    if request.caller.role is not Role.CUSTOMER or invoice.sent_at is not None:
        return invoice
    # A document that its customer has read counts as sent: a credit note cannot be voided any more.
    read = DocumentRead(tenant_id=request.caller.tenant_id, invoice_id=invoice_id, read_at=request.now)
    if not record_or_defer(request.store, read, lambda store: record_sent(store, invoice_id)):
        return invoice
    return request.store.showing().get(Invoice, invoice_id)
