"""Links to invoice pages: creating one, the page behind it, and the forms in it."""

import hmac
from typing import NamedTuple
from urllib.parse import urlsplit

from invoicing.aws.base_url import base_url
from invoicing.core.stored_file import PageForm
from invoicing.downloads.model import network_of
from invoicing.downloads.workflow import new_token, store_link
from invoicing.http.request import Request
from invoicing.invoice_pages.errors import FormNotFromPage
from invoicing.invoice_pages.model import DEFAULT_SECONDS, NewPageLink, PageLink, form_token, is_person
from invoicing.invoice_pages.table import page_at
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.users.model import digest


class TokenPage(NamedTuple):
    """The page behind a token: the work for its tenant, and who asks for it."""

    link: PageLink
    store: Store
    viewed_on: str | None
    """The last day with a view in the timeline."""
    network: str | None
    is_person: bool


def create_page_link(store: Store, id_: str, invoice_id: str, *, seconds: int) -> NewPageLink:
    """Create a link that opens the page of a document for this number of seconds. Only this response has its URL."""
    return store_link(store, linked(store.session, id_, invoice_id, new_token(), seconds=seconds))


def linked(session: Session, id_: str, invoice_id: str, token: str, *, seconds: int = DEFAULT_SECONDS) -> NewPageLink:
    """Build a link with this token, whose URL is needed before the link is stored."""
    url = f"{base_url()}/pages/{token}"
    link = NewPageLink.new(id_, invoice_id, url, seconds=seconds, moment=session.moment)
    return link.model_copy(update={"digest": digest(token)})


def live_page(request: Request, token: str) -> TokenPage:
    """The page behind a token. Refuses unknown, expired and revoked links."""
    page = page_behind(request, token)
    page.link.require_live(page.store.session.now)
    return page


def page_behind(request: Request, token: str) -> TokenPage:
    """The page behind a token, even if its link expired or was revoked. Refuses unknown links."""
    found = page_at(request.store, digest(token))
    work = request.acting_for(found.tenant_id)
    network, person = network_of(request.source_ip), is_person(request.user_agent) and not request.is_head
    return TokenPage(found.link, work.store, found.viewed_on, network, person)


def require_own_form(request: Request, page_token: str, form: PageForm) -> None:
    """Refuse a form that the page with this token did not send: another page must not act for its reader."""
    ours = urlsplit(base_url())
    is_ours = request.origin == f"{ours.scheme}://{ours.netloc}"
    if not (is_ours and hmac.compare_digest(form.form_token.encode(), form_token(page_token).encode())):
        raise FormNotFromPage
