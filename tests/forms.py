"""Forms with files as clients send them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from tests.gateway import Client, Response

File = tuple[str, bytes, str]
PDF = b"%PDF-1.7 a stand-in for one"


def office(folder: str) -> bytes:
    """The smallest file that Office recognizes."""
    return _zip({"[Content_Types].xml": "<Types/>", f"{folder}/document.xml": "<x/>"})


def open_document(media_type: str) -> bytes:
    """The smallest OpenDocument file: its first entry is the media type, uncompressed."""
    return _zip({"mimetype": media_type, "content.xml": "<x/>"})


def _zip(entries: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
GOOD: Sequence[File] = (
    ("a.pdf", PDF, "application/pdf"),
    ("a.PNG", b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
    ("a.jpg", b"\xff\xd8\xff\xe0JFIF", "image/jpeg"),
    ("a.jpeg", b"\xff\xd8\xff\xe1Exif", "image/jpeg"),
    ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
    ("a.txt", "Grüße".encode("cp1252"), "text/plain; charset=windows-1252"),
    ("a.csv", b"\xef\xbb\xbfa;b\r\n1;2", "application/vnd.ms-excel"),
    ("a.xml", b'<?xml version="1.0"?><!-- x --><rsm:Invoice xmlns:rsm="urn:x"/>', "text/xml"),
    ("a.docx", office("word"), f"{_OOXML}.wordprocessingml.document"),
    ("a.xlsx", office("xl"), f"{_OOXML}.spreadsheetml.sheet"),
    ("a.odt", open_document(f"{_ODF}.text"), f"{_ODF}.text"),
    ("a.ods", open_document(f"{_ODF}.spreadsheet"), f"{_ODF}.spreadsheet"),
)
"""One file of each accepted kind."""


def form(fields: Mapping[str, str], files: Sequence[File] = (), *, field: str = "file") -> tuple[bytes, str]:
    """A form's body and its content type."""
    parts: Any = [(name, (None, value)) for name, value in fields.items()] + [(field, file) for file in files]
    request = httpx.Request("POST", "https://client.example", files=parts)
    return request.read(), request.headers["Content-Type"]


def send_form(
    client: Client, path: str, fields: Mapping[str, str], files: Sequence[File] = (), **headers: str
) -> Response:
    """Send a form."""
    body, content_type = form(fields, files)
    return client.post(path, raw=body, headers={"Content-Type": content_type, **headers})
