"""GET /pages/{page_token}"""

from invoicing.aws.grants import Grant
from invoicing.core.stored_file import WebPage
from invoicing.documents.pages.errors import error_page
from invoicing.documents.pages.invoice import invoice_page
from invoicing.downloads.errors import LinkExpired, LinkNotFound
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoice_pages.model import PageToken
from invoicing.invoice_pages.viewing import record_view, shown_on
from invoicing.invoice_pages.workflow import live_page


@endpoint(
    "GET",
    "/pages/{page_token}",
    scope=None,
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_PAGES, Grant.PUBLISH],
    raises=[LinkNotFound, LinkExpired],
    layers=[Layer.DOCUMENTS],
    error_page=error_page,
)
def handler(page_token: PageToken, request: Request) -> WebPage:
    """Open the web page of a document.

    The amounts are those of the moment. The timeline records at most one view a day and link, none of mail scanners.
    HEAD responds with the headers alone.
    """
    page = live_page(request, page_token)
    shown = shown_on(page, page_token)
    record_view(page, shown.today)
    return invoice_page(shown)
