"""Files: those of a document (its PDF and, if it is an e-invoice, its XML), those of a request, logos and web pages."""

import hashlib
import json
import re
import urllib.parse
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field

from invoicing.core.einvoice import EinvoiceFormat
from invoicing.core.ids import sibling, twin
from invoicing.core.model import Value

FileKind = Literal["pdf", "xml"]
"""Either `pdf` or `xml`."""
CONTENT_TYPES: dict[FileKind, str] = {"pdf": "application/pdf", "xml": "application/xml"}
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._ -]")
_NOT_IN_NAMES = re.compile(r"[^\w. -]+")


def document_name(number: str, kind: FileKind) -> str:
    """The name of a document's file in mails, links and downloads: `FV/2026/004` gives `FV-2026-004.pdf`.

    Numbers may contain slashes, which separate folders and which mail programs and browsers replace differently.
    """
    return f"{_NOT_IN_NAMES.sub('-', number).strip('-. ') or 'document'}.{kind}"


def content_disposition(how: Literal["attachment", "inline"], name: str) -> str:
    """The header that gives browsers the name of a file, which may have any characters (RFC 6266, 4.3)."""
    plain = _NOT_PLAIN.sub("_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"


class StoredFile(Value):
    """A file of an issued document. Once rendered, it never changes."""

    id: str
    """Identifier of the file: `file_` followed by a ULID."""
    status: Literal["pending", "available"] = "pending"
    """Status of the file: `pending` until it is rendered, then `available`."""
    sha256: str | None = None
    """SHA-256 hash of the file, as 64 hexadecimal digits; null while it is pending."""
    size: int | None = None
    """Size of the file in bytes; null while it is pending."""


def files_of(document_id: str, format_: EinvoiceFormat) -> dict[str, StoredFile]:
    """The files that a document has from its issue on; they are rendered after it."""
    pdf = StoredFile(id=twin("file", document_id))
    return {"pdf": pdf} if format_ == "none" else {"pdf": pdf, "xml": StoredFile(id=sibling(pdf.id))}


class SentFile(NamedTuple):
    """A file as a client sent it."""

    name: str
    content_type: str
    content: bytes


class Form(Value):
    """A body that can contain files besides its fields."""

    _files: tuple[SentFile, ...] = ()

    @property
    def files(self) -> tuple[SentFile, ...]:
        """The files of the body."""
        return self._files

    def bringing(self, files: tuple[SentFile, ...]) -> Self:
        """The same body with files."""
        self._files = files
        return self

    @property
    def as_text(self) -> str:
        """The fields and files as one text, to compare two forms independently of their boundaries."""
        files = [(one.name, one.content_type, hashlib.sha256(one.content).hexdigest()) for one in self._files]
        return json.dumps([self.model_dump_json(), files])


class PageForm(Value):
    """A body that a web page sends: its form, or JSON with the same fields."""

    form_token: Annotated[str, Field(max_length=100)]
    """Token of the form, which is in the page (protection against cross-site requests)."""


class FailedRequest(NamedTuple):
    """A request of a browser that was refused, as far as its error page shows it."""

    code: str
    """The code of the error."""
    request_id: str
    accepted_languages: str
    """The languages of the browser (`Accept-Language`)."""
    variables: Mapping[str, str]
    """The variables of the path, as the browser sent them."""
    above: str
    """Path from the URL of the request to the collection at the beginning of its path."""


class WebPage(NamedTuple):
    """An HTML page for people, and the text of its style sheet: browsers apply no other (Content-Security-Policy)."""

    content: str
    style: str


class Logo(Value):
    """The logo on the tenant's documents: a PNG file."""

    id: Annotated[str, Field(examples=["file_01JD8X2V6PZ3QK7M5T9WRC4HBN"])]
    """Identifier of the file: `file_` followed by a ULID."""
    sha256: str
    """SHA-256 hash of the file, as 64 hexadecimal digits."""
    size: int
    """Size of the file in bytes."""
    width: int
    """Width of the picture in pixels."""
    height: int
    """Height of the picture in pixels."""
