"""POST /invoices/{invoice_id}/render"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.events import RenderingRequested
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import Invoice
from invoicing.issuing.refusals import OF_ITS_STATE


@endpoint(
    "POST",
    "/invoices/{invoice_id}/render",
    scope="invoice:write",
    status=202,
    action=Action.RENDER,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[*OF_ITS_STATE],
)
def handler(invoice_id: InvoiceId, request: Request) -> Invoice:
    """Render the files of an issued document again.

    Missing files are rendered; files that exist keep their bytes.
    """
    invoice = request.store.get(Invoice, invoice_id)
    require(invoice, Action.RENDER)
    return request.store.record(Recorded(invoice, RenderingRequested()))
