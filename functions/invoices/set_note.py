"""PUT /invoices/{invoice_id}/note"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.drafts import SetNote
from invoicing.domain.errors import (
    AccessDenied,
    DocumentTooLarge,
    InvalidState,
    InvoiceNotFound,
)
from invoicing.domain.events import InvoiceUpdated
from invoicing.domain.ids import InvoiceId
from invoicing.domain.invoice import Invoice


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/note",
    scope="invoice:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        InvoiceNotFound,
        AccessDenied,
        InvalidState,
        DocumentTooLarge,
    ],
)
def handler(invoice_id: InvoiceId, body: SetNote, request: Request) -> Invoice:
    """Set the texts of a document.

    `note`, `introduction` and `closing` can be set on drafts only, `internal_note` at any time.
    """
    invoice = request.store.invoice(invoice_id)
    noted = invoice.noted(body.texts, by=request.caller, at=request.now)
    return request.store.commit(noted, InvoiceUpdated())
