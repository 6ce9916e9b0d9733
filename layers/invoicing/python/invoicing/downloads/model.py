"""Links that open one file without credentials, until they expire."""

import ipaddress
from abc import abstractmethod
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field

from invoicing.core.event import About, Event
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import FileId
from invoicing.core.model import Aggregate, Instant, Internal, Secret, instant_text
from invoicing.core.stored_file import FileKind
from invoicing.downloads.errors import LinkExpired
from invoicing.downloads.events import LinkCreated, LinkRevoked, LinkUsed
from invoicing.invoices.model import InvoiceSummary

DEFAULT_SECONDS = 604_800
DownloadToken = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", examples=["a" * 43])]
"""Secret token of the link: 43 characters that encode 256 random bits (base64url)."""


class Target(NamedTuple):
    """The file that a link opens: of a document, of one of its letters, or of a note about it."""

    invoice_id: str
    file: str
    document_id: str | None = None
    note_id: str | None = None


class TokenLink(Aggregate):
    """A link that works without credentials, until it expires or is revoked."""

    expires_at: Instant
    """When the link expires."""
    revoked_at: Instant | None = None
    """When the link was revoked; null if it was not."""
    digest: Annotated[str, Field(exclude=True)] = ""
    """The SHA-256 of the token, by which the link is stored. It is in no response and in no event."""
    created_by: Annotated[Reference | None, Internal]
    updated_by: Annotated[Reference | None, Internal]

    def require_live(self, at: datetime) -> None:
        """Refuse an expired or revoked link."""
        if not self.is_live(at):
            raise LinkExpired

    def is_live(self, at: datetime) -> bool:
        """Whether the link works: it is neither revoked nor expired."""
        return self.revoked_at is None and at < self.expires_at

    @abstractmethod
    def about(self, event: Event) -> About:
        """An event in the timeline of the resource that it belongs to."""

    @property
    @abstractmethod
    def creation(self) -> Event:
        """The event of its creation."""

    @property
    @abstractmethod
    def revocation(self) -> Event:
        """The event of its revocation."""

    def revoked(self, moment: Moment) -> Self:
        """The revoked link."""
        return self.model_copy(update={"revoked_at": moment.at, **moment.updated})

    def erased(self, people: Collection[str]) -> Self:
        """The link without the names of these users."""
        named = {"created_by": self.created_by, "updated_by": self.updated_by}
        return self.model_copy(update={name: None for name, who in named.items() if who and who.id in people})


class DocumentLink(TokenLink):
    """A link about one document."""

    invoice_id: str

    def about(self, event: Event) -> About:
        """An event in the timeline of the document."""
        return About(InvoiceSummary, self.invoice_id, event)


class FileLink(TokenLink):
    """A link that opens one file."""

    file: str
    uses: int = 0
    """Number of downloads through the link."""

    @abstractmethod
    def use(self, network: str | None) -> Event:
        """The event of a download from a network."""


class DownloadLink(FileLink, DocumentLink):
    """A link that opens one file of a document, without credentials, until it expires or is revoked."""

    object: Literal["download_link"] = "download_link"
    document_id: str | None = None
    """Identifier of the reminder or dunning letter that the link opens; null if it opens another file."""
    note_id: str | None = None
    """Identifier of the note whose file the link opens; null if it opens another file."""
    file: FileKind | FileId
    """File that the link opens: `pdf` or `xml` of a document, or the identifier of a note's file."""

    @property
    def creation(self) -> LinkCreated:
        """The event of its creation."""
        return LinkCreated(link_id=self.id, file=self.file, expires_at=instant_text(self.expires_at))

    @property
    def revocation(self) -> LinkRevoked:
        """The event of its revocation."""
        return LinkRevoked(link_id=self.id)

    def use(self, network: str | None) -> LinkUsed:
        """The event of a download from a network."""
        return LinkUsed(link_id=self.id, file=self.file, network=network)


class NewDownloadLink(DownloadLink):
    """A new download link, with the URL that opens the file. Only a hash of the URL's token is stored."""

    url: Annotated[str, Secret]
    """URL that opens the file. It is returned once; null when the same response is replayed."""

    @property
    def token(self) -> str:
        """The token in the URL."""
        return self.url.rpartition("/")[2]

    @classmethod
    def new(cls, id_: str, target: Target, url: str, *, seconds: int, moment: Moment) -> Self:
        """A link that is valid from now for this number of seconds."""
        return cls(
            id=id_,
            **target._asdict(),
            url=url,
            expires_at=moment.at + timedelta(seconds=seconds),
            **moment.created,
        )


def network_of(address: str | None) -> str | None:
    """An address cut to its network (/24, /48): enough to see abuse, not enough to know a person."""
    if not address:
        return None
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return None
    return str(ipaddress.ip_network(f"{address}/{24 if version == 4 else 48}", strict=False))
