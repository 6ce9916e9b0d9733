"""DELETE /invoices/{invoice_id}/download-links/{link_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.errors import AccessDenied
from invoicing.core.ids import InvoiceId, LinkId
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.events import LinkRevoked
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvoiceNotFound


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/download-links/{link_id}",
    scope="invoice:read",
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_LINKS],
    raises=[InvoiceNotFound, LinkNotFound, AccessDenied],
)
def handler(invoice_id: InvoiceId, link_id: LinkId, request: Request) -> None:
    """Revoke a download link.

    From then on the link answers 410.
    """
    request.store.require_visible(invoice_id)
    digest = request.store.link_digest(invoice_id, link_id)
    link = request.store.link(digest).link
    if link.revoked_at is None:
        revoked = link.revoked(by=request.caller, at=request.now)
        request.store.commit(revoked, LinkRevoked(link_id=link_id), digest=digest)
