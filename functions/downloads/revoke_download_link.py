"""DELETE /invoices/{invoice_id}/download-links/{link_id}"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId, LinkId
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.table import LinkTable
from invoicing.downloads.workflow import revoke_link
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
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
    revoke_link(request.store, LinkTable(), invoice_id, link_id)
