"""POST /invoices/{invoice_id}/download-links"""

import secrets

from invoicing.adapters.base_url import base_url
from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.downloads import CreateDownloadLink
from invoicing.domain.download_link import NewDownloadLink
from invoicing.domain.errors import AccessDenied, FileNotReady, InvalidState, InvoiceNotFound
from invoicing.domain.events import LinkCreated
from invoicing.domain.ids import InvoiceId
from invoicing.domain.lifecycle import Action, require
from invoicing.domain.model import instant_text
from invoicing.domain.user import digest


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
    """Make a link that opens the document's PDF or XML for whoever holds it, for up to seven days."""
    invoice = request.store.invoice_summary(invoice_id)
    require(invoice, Action.LINK)
    invoice.require_file(body.file)
    token = secrets.token_urlsafe(32)
    link = NewDownloadLink.new(
        request.new_id("dl"),
        invoice_id,
        body.file,
        f"{base_url()}/downloads/{token}",
        seconds=body.expires_in,
        by=request.caller,
        at=request.now,
    )
    created = LinkCreated(link_id=link.id, file=link.file, expires_at=instant_text(link.expires_at))
    return request.store.commit(link, created, digest=digest(token))
