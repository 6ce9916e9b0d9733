"""Links to the web page of one document, and who counts as its viewer."""

import base64
import hmac
import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field

from invoicing.core.identity import Moment
from invoicing.core.ids import PageLinkId
from invoicing.core.model import Secret, instant_text
from invoicing.downloads.model import DocumentLink
from invoicing.invoice_pages.events import PageLinkCreated, PageLinkRevoked

MOST_COMMENTS_A_DAY = 5
"""The most comments of the customer through one link, on one day."""
MOST_RENEWALS_A_DAY = 3
"""The most mails with a new link that the holder of one link can request, on one day."""
RENEWAL_PAUSE = timedelta(minutes=5)
"""The time in which further requests for a new link send nothing: a form that is sent twice sends one mail."""
DEFAULT_SECONDS = 180 * 86_400
LONGEST_SECONDS = 365 * 86_400
PageToken = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", examples=["a" * 43])]
"""Secret token of the page: 43 characters that encode 256 random bits (base64url)."""
_SCANNERS = re.compile(
    r"bot\b|crawler|spider|scan|preview|safelinks|proofpoint|barracuda|mimecast|curl|wget|python-|go-http|headless",
    re.IGNORECASE,
)
"""Programs that open the links of mails before or instead of people."""


class PageLink(DocumentLink):
    """A link that opens the web page of one document, without credentials, until it expires or is revoked."""

    id: PageLinkId
    """Identifier of the link: `pgl_` followed by a ULID."""
    object: Literal["page_link"] = "page_link"
    mail_id: str | None = None
    """Identifier of the e-mail with the link; null if no e-mail has it."""

    @property
    def creation(self) -> PageLinkCreated:
        """The event of its creation."""
        return PageLinkCreated(link_id=self.id, expires_at=instant_text(self.expires_at))

    @property
    def revocation(self) -> PageLinkRevoked:
        """The event of its revocation."""
        return PageLinkRevoked(link_id=self.id)


class NewPageLink(PageLink):
    """A new page link, with the URL of the page. Only a hash of the URL's token is stored."""

    url: Annotated[str, Secret]
    """URL of the page. It is returned once; null when the same response is replayed."""

    @property
    def token(self) -> str:
        """The token in the URL."""
        return self.url.rpartition("/")[2]

    @classmethod
    def new(cls, id_: str, invoice_id: str, url: str, *, seconds: int, moment: Moment) -> Self:
        """A link that is valid from now for this number of seconds."""
        expires_at = moment.at + timedelta(seconds=seconds)
        return cls(id=id_, invoice_id=invoice_id, url=url, expires_at=expires_at, **moment.created)


def form_token(page_token: str) -> str:
    """The token of the forms in a page, which only a holder of the page's link can know."""
    return _derived(page_token, "form")


def successor_token(page_token: str, successor_id: str) -> str:
    """The token of the page of a document's successor, the same for each request with a link."""
    return _derived(page_token, successor_id)


def _derived(page_token: str, purpose: str) -> str:
    """A secret of 256 bits that nobody can know without the token."""
    return base64.urlsafe_b64encode(hmac.digest(page_token.encode(), purpose.encode(), "sha256")).decode().rstrip("=")


def is_person(user_agent: str | None) -> bool:
    """Whether a request probably comes from a person: mail scanners and link previews name themselves."""
    return bool(user_agent) and not _SCANNERS.search(user_agent or "")
