"""GET /pages/{page_token}/{file}"""

from invoicing.aws.files import presigned_url
from invoicing.aws.grants import Grant
from invoicing.core.stored_file import CONTENT_TYPES, FileKind, document_name
from invoicing.documents.pages.errors import error_page
from invoicing.downloads.errors import LinkExpired, LinkNotFound
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Redirect
from invoicing.invoice_pages.model import PageToken
from invoicing.invoice_pages.workflow import live_page
from invoicing.invoices.errors import FileNotReady
from invoicing.invoices.model import InvoiceSummary
from invoicing.notes.errors import FileNotFound


@endpoint(
    "GET",
    "/pages/{page_token}/{file}",
    scope=None,
    status=302,
    grants=[Grant.READ, Grant.READ_FILES, Grant.REACH_PAGES],
    raises=[FileNotReady, FileNotFound, LinkNotFound, LinkExpired],
    layers=[Layer.DOCUMENTS],
    error_page=error_page,
)
def handler(page_token: PageToken, file: FileKind, request: Request) -> Redirect:
    """Redirect to a file of the document on a page.

    The redirect's URL is valid for five minutes.
    """
    page = live_page(request, page_token)
    invoice = page.store.showing().get(InvoiceSummary, page.link.invoice_id)
    if file not in invoice.files:
        raise FileNotFound
    stored = invoice.require_file(file)
    name = document_name(invoice.number or invoice.id, file)
    return Redirect(
        presigned_url(page.store.tenant_id, stored.id, stored.sha256 or "", name=name, content_type=CONTENT_TYPES[file])
    )
