"""POST /invoices/{invoice_id}/download-links"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.downloads.model import NewDownloadLink, Target
from invoicing.downloads.requests import CreateDownloadLink
from invoicing.downloads.workflow import create_link
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_ITS_STATE


@endpoint(
    "POST",
    "/invoices/{invoice_id}/download-links",
    scope="invoice:read",
    status=201,
    action=Action.LINK,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_BASE_URL, Grant.REACH_LINKS],
    raises=[*OF_ITS_STATE, FileNotReady],
    portal=True,
)
def handler(invoice_id: InvoiceId, body: CreateDownloadLink, request: Request) -> NewDownloadLink:
    """Create a download link for a document's PDF or XML.

    The link works without credentials, for up to seven days.
    """
    invoice = request.store.get(InvoiceSummary, invoice_id)
    require(invoice, Action.LINK)
    invoice.require_file(body.file)
    target = Target(invoice_id, body.file)
    return create_link(request.store, request.new_id("dl"), target, seconds=body.expires_in)
