"""DELETE /invoices/{invoice_id}/page-links/{page_link_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, PageLinkId
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.workflow import revoke_link
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoice_pages.table import PageTable
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
    revoke_link(request.store, PageTable(), invoice_id, page_link_id)
