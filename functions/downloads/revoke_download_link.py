"""DELETE /invoices/{invoice_id}/download-links/{link_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, LinkId
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.events import LinkRevoked
from invoicing.downloads.table import LinkTable, link_at
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.event import about_document
from invoicing.invoices.table import require_visible
from invoicing.issuing.refusals import OF_A_DOCUMENT


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/download-links/{link_id}",
    scope="invoice:read",
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_LINKS],
    raises=[*OF_A_DOCUMENT, LinkNotFound],
)
def handler(invoice_id: InvoiceId, link_id: LinkId, request: Request) -> None:
    """Revoke a download link.

    From then on, requests of the link return 410.
    """
    require_visible(request.store, invoice_id)
    digest = LinkTable().digest_of(request.store, invoice_id, link_id)
    link = link_at(request.store, digest).link
    if link.revoked_at is None:
        revoked = link.revoked(moment=request.moment)
        request.store.commit(revoked, about_document(invoice_id, LinkRevoked(link_id=link_id)))
