"""POST /pages/{page_token}/successor"""

from invoicing.aws.grants import Grant
from invoicing.core.stored_file import PageForm
from invoicing.documents.pages.errors import error_page
from invoicing.downloads.errors import LinkExpired, LinkNotFound
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Redirect
from invoicing.invoice_pages.errors import FormNotFromPage
from invoicing.invoice_pages.following import token_of_successor
from invoicing.invoice_pages.model import PageToken
from invoicing.invoice_pages.workflow import live_page, require_own_form


@endpoint(
    "POST",
    "/pages/{page_token}/successor",
    scope=None,
    status=303,
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_PAGES, Grant.READ_BASE_URL],
    raises=[LinkNotFound, LinkExpired, FormNotFromPage],
    layers=[Layer.DOCUMENTS],
    error_page=error_page,
)
def handler(page_token: PageToken, body: PageForm, request: Request) -> Redirect:
    """Open the page of the document that succeeds a canceled one.

    Only the form in the page is accepted. The successor is the newest correction, or the cancellation if there is none;
    a cancellation leads to the correction too. The page has a link of its own, which expires when the other one does.
    """
    page = live_page(request, page_token)
    require_own_form(request, page_token, body)
    return Redirect(f"../{token_of_successor(page, page_token, request.new_id('pgl'))}")
