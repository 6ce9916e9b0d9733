"""PUT /invoices/{invoice_id}/note"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import DocumentTooLarge
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import InvoiceUpdated
from invoicing.invoices.model import Invoice
from invoicing.invoices.requests import SetNote
from invoicing.issuing.refusals import OF_ITS_STATE


@endpoint(
    "PUT",
    "/invoices/{invoice_id}/note",
    scope="invoice:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE, DocumentTooLarge],
)
def handler(invoice_id: InvoiceId, body: SetNote, request: Request) -> Invoice:
    """Set the texts of a document.

    `note`, `introduction` and `closing` can be set on drafts only, `internal_note` at any time.
    """
    invoice = request.store.get(Invoice, invoice_id)
    noted = invoice.noted(body.texts, moment=request.moment)
    return request.store.commit(Recorded(noted, InvoiceUpdated()))
