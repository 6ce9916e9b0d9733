"""POST /invoices/{invoice_id}/page-links"""

from invoicing.aws.grants import Grant
from invoicing.core.ids import InvoiceId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoice_pages.model import NewPageLink
from invoicing.invoice_pages.requests import CreatePageLink
from invoicing.invoice_pages.workflow import create_page_link
from invoicing.invoices.lifecycle import Action, require
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.refusals import OF_ITS_STATE


@endpoint(
    "POST",
    "/invoices/{invoice_id}/page-links",
    scope="invoice:read",
    status=201,
    action=Action.LINK,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_BASE_URL, Grant.REACH_PAGES],
    raises=[*OF_ITS_STATE],
)
def handler(invoice_id: InvoiceId, body: CreatePageLink, request: Request) -> NewPageLink:
    """Create a link to the web page of a document.

    The page shows the amount due at the moment, how to pay it, the files and the public comments of this one document.
    It works without credentials, for up to a year.
    """
    require(request.store.get(InvoiceSummary, invoice_id), Action.LINK)
    return create_page_link(request.store, request.new_id("pgl"), invoice_id, seconds=body.expires_in)
