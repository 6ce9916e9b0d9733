"""DELETE /invoices/{invoice_id}/page-links/{page_link_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, PageLinkId
from invoicing.downloads.errors import LinkNotFound
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoice_pages.events import PageLinkRevoked
from invoicing.invoice_pages.table import PageTable
from invoicing.invoices.event import about_document
from invoicing.invoices.table import require_visible
from invoicing.issuing.refusals import OF_A_DOCUMENT


@endpoint(
    "DELETE",
    "/invoices/{invoice_id}/page-links/{page_link_id}",
    scope="invoice:read",
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_PAGES],
    raises=[*OF_A_DOCUMENT, LinkNotFound],
)
def handler(invoice_id: InvoiceId, page_link_id: PageLinkId, request: Request) -> None:
    """Revoke a page link.

    From then on, its URL returns 410.
    """
    require_visible(request.store, invoice_id)
    digest = PageTable().digest_of(request.store, invoice_id, page_link_id)
    link = PageTable().found(request.store, digest)
    if link.revoked_at is None:
        revoked = link.revoked(moment=request.moment)
        request.store.commit(revoked, about_document(invoice_id, PageLinkRevoked(link_id=page_link_id)))
