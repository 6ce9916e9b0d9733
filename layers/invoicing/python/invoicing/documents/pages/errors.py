"""The pages that take the place of refusals."""

from htpy import Node, a, button, div, footer, h1, header, main, p

from invoicing.core.stored_file import FailedRequest, WebPage
from invoicing.documents.pages.layout import accepted_language, page, page_form
from invoicing.documents.pages.style import STYLE
from invoicing.documents.texts.wording import Wording

ERRORS = {
    "LINK_NOT_FOUND": ("page_not_found", "page_ask"),
    "LINK_EXPIRED": ("page_expired", None),
    "FILE_NOT_READY": ("page_not_ready", None),
    "FORM_NOT_FROM_PAGE": ("page_not_sent", "page_reload"),
    "VALIDATION_ERROR": ("page_not_sent", "page_length"),
    "REQUEST_TOO_LARGE": ("page_not_sent", "page_length"),
    "COMMENT_LIMIT_REACHED": ("page_not_sent", "page_tomorrow"),
}
"""The title of the page for each code, and an advice."""
_LEAD_BACK = {"FORM_NOT_FROM_PAGE", "VALIDATION_ERROR", "REQUEST_TOO_LARGE", "COMMENT_LIMIT_REACHED"}


def error_page(failed: FailedRequest) -> WebPage:
    """The page that takes the place of a refusal, in a language that the browser accepts."""
    words = Wording.of(accepted_language(failed.accepted_languages))
    name, advice = ERRORS.get(failed.code, ("page_failed", None))
    content = main[
        header[h1[words.label(name)]],
        advice and div(".card")[p[words.label(advice)]],
        _way_on(failed, words),
        footer[p[words.label("page_request", id=failed.request_id)]],
    ]
    return page(words, words.label(name), content, STYLE)


def _way_on(failed: FailedRequest, words: Wording) -> Node:
    if failed.code == "FILE_NOT_READY":
        # A page that reloads itself takes control from its readers (WCAG 2.2.1).
        return div(".actions")[a(href="")[words.label("page_retry")]]
    if failed.code == "LINK_EXPIRED":
        press = div(".actions")[button(".main", type="submit")[words.label("page_renewal")]]
        ask = page_form(f"{_page_of(failed)}/renewals", failed.variables["page_token"], press)
        return div(".card")[p[words.label("page_renew")], ask]
    if failed.code in _LEAD_BACK:
        return div(".actions")[a(href=_page_of(failed))[words.label("page_back")]]
    return None


def _page_of(failed: FailedRequest) -> str:
    """The URL of the document's page. The error's code shows that the token is well-formed."""
    return failed.above + failed.variables["page_token"]


def renewal_page(languages: str) -> WebPage:
    """The page after a request for a new link, the same whether a mail is sent or not."""
    words = Wording.of(accepted_language(languages))
    name = words.label("page_mailed")
    content = main[header[h1[name]], div(".card")[p[words.label("page_on_its_way")]]]
    return page(words, name, content, STYLE)
