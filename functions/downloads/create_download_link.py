"""POST /invoices/{invoice_id}/download-links"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.downloads import CreateDownloadLink
from invoicing.domain.download_link import NewDownloadLink, Target
from invoicing.domain.errors import AccessDenied, FileNotReady, InvalidState, InvoiceNotFound
from invoicing.domain.ids import InvoiceId
from invoicing.domain.lifecycle import Action, require
from invoicing.workflows.linking import hand_out


@endpoint(
    "POST",
    "/invoices/{invoice_id}/download-links",
    scope="invoice:read",
    status=201,
    action=Action.LINK,
    grants=[Grant.READ, Grant.COMMIT, Grant.LINK, Grant.REACH_LINKS],
    raises=[InvoiceNotFound, AccessDenied, InvalidState, FileNotReady],
    portal=True,
)
def handler(invoice_id: InvoiceId, body: CreateDownloadLink, request: Request) -> NewDownloadLink:
    """Create a download link for a document's PDF or XML.

    The link works without credentials, for up to seven days.
    """
    invoice = request.store.invoice_summary(invoice_id)
    require(invoice, Action.LINK)
    invoice.require_file(body.file)
    target = Target(invoice_id, body.file)
    return hand_out(request.store, request.new_id("dl"), target, seconds=body.expires_in)
