"""POST /pages/{page_token}/comments"""

from invoicing.aws.grants import Grant
from invoicing.documents.pages.errors import error_page
from invoicing.downloads.errors import LinkExpired, LinkNotFound
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.http.responses import Redirect
from invoicing.invoice_pages.commenting import comment_on
from invoicing.invoice_pages.errors import CommentLimitReached, FormNotFromPage
from invoicing.invoice_pages.model import PageToken
from invoicing.invoice_pages.requests import CommentOnPage
from invoicing.invoice_pages.workflow import live_page, require_own_form


@endpoint(
    "POST",
    "/pages/{page_token}/comments",
    scope=None,
    status=303,
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_PAGES, Grant.READ_BASE_URL],
    raises=[LinkNotFound, LinkExpired, FormNotFromPage, CommentLimitReached],
    layers=[Layer.DOCUMENTS],
    error_page=error_page,
)
def handler(page_token: PageToken, body: CommentOnPage, request: Request) -> Redirect:
    """Add a comment of the customer to the document on a page.

    Only the form in the page is accepted. The comment is public: everyone who has a link to the document can read it. A
    link accepts five comments a day.
    """
    page = live_page(request, page_token)
    require_own_form(request, page_token, body)
    comment_on(page, body.comment)
    return Redirect(f"../{page_token}#comments")
