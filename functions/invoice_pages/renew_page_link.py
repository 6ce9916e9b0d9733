"""POST /pages/{page_token}/renewals"""

from invoicing.aws.grants import Grant
from invoicing.core.stored_file import PageForm, WebPage
from invoicing.documents.pages.errors import error_page, renewal_page
from invoicing.downloads.errors import LinkNotFound
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoice_pages.errors import FormNotFromPage
from invoicing.invoice_pages.model import PageToken
from invoicing.invoice_pages.renewing import renew
from invoicing.invoice_pages.workflow import page_behind, require_own_form


@endpoint(
    "POST",
    "/pages/{page_token}/renewals",
    scope=None,
    status=202,
    grants=[Grant.READ, Grant.COMMIT, Grant.REACH_PAGES, Grant.READ_BASE_URL],
    raises=[LinkNotFound, FormNotFromPage],
    layers=[Layer.DOCUMENTS],
    error_page=error_page,
)
def handler(page_token: PageToken, body: PageForm, request: Request) -> WebPage:
    """Send a new link in place of an expired or revoked one.

    Only the form in the page of the expired link is accepted. The mail goes to the recipients of the mail with the old
    link, else to those of the document, at most three times a day and link. The response is always the same.
    """
    page = page_behind(request, page_token)
    require_own_form(request, page_token, body)
    renew(page, request.new_id("mail"))
    return renewal_page(request.accepted_languages)
