"""Links to invoice pages: creating one, and the page behind it."""

import secrets
from typing import NamedTuple

from invoicing.aws.base_url import base_url
from invoicing.core.model import instant_text
from invoicing.downloads.model import network_of
from invoicing.http.request import Request
from invoicing.invoice_pages.events import PageLinkCreated
from invoicing.invoice_pages.model import NewPageLink, PageLink, is_person
from invoicing.invoice_pages.table import page_at
from invoicing.invoices.event import about_document
from invoicing.store.store import Store
from invoicing.users.model import digest


class LivePage(NamedTuple):
    """A page whose link works: the work for its tenant, and who asks for it."""

    link: PageLink
    store: Store
    viewed_on: str | None
    """The last day with a view in the timeline."""
    network: str | None
    is_person: bool


def create_page_link(store: Store, id_: str, invoice_id: str, *, seconds: int) -> NewPageLink:
    """Create a link that opens the page of a document for this number of seconds. Only this response has its URL."""
    token = secrets.token_urlsafe(32)
    url = f"{base_url()}/pages/{token}"
    made = NewPageLink.new(id_, invoice_id, url, seconds=seconds, moment=store.session.moment)
    created = PageLinkCreated(link_id=made.id, expires_at=instant_text(made.expires_at))
    return store.commit(made.model_copy(update={"digest": digest(token)}), about_document(invoice_id, created))


def live_page(request: Request, token: str) -> LivePage:
    """The page behind a token. Refuses unknown, expired and revoked links."""
    found = page_at(request.store, digest(token))
    work = request.acting_for(found.tenant_id)
    found.link.require_live(work.now)
    return LivePage(
        found.link, work.store, found.viewed_on, network_of(request.source_ip), is_person(request.user_agent)
    )
