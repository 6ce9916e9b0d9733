"""POST /dunning-documents/{document_id}/cancel"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import DunningDocumentId
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.errors import DocumentCanceled, DocumentNotFound
from invoicing.dunning.events import DunningDocumentCanceled
from invoicing.dunning.requests import CancelDunningDocument
from invoicing.dunning.settled import settled_documents
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.model import InvoiceSummary


@endpoint(
    "POST",
    "/dunning-documents/{document_id}/cancel",
    scope="dunning:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[DocumentNotFound, DocumentCanceled],
)
def handler(document_id: DunningDocumentId, body: CancelDunningDocument, request: Request) -> DunningDocument:
    """Cancel a reminder or dunning letter.

    Its fee is waived and dunning stops for the invoice.
    """
    document = request.store.get(DunningDocument, document_id)
    invoice = request.store.get(InvoiceSummary, document.invoice_id)
    canceled, spared = document.canceled(invoice, body.reason, moment=request.moment)
    event = DunningDocumentCanceled(document_id=document.id, number=document.number, reason=body.reason)
    others = settled_documents(request.store, invoice, spared, but=document.id)
    return request.store.commit(canceled, Recorded(spared, event), *others)
