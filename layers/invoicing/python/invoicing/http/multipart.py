"""The parts of a `multipart/form-data` body (RFC 7578), whole and well-formed or refused."""

from typing import Any, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from invoicing.core.errors import Invalid

MOST_PARTS = 50
_LONGEST_BOUNDARY = 70
"""RFC 2046, 5.1.1"""
_ENCODINGS = {b"", b"7bit", b"8bit", b"binary"}


class FormPart(NamedTuple):
    """One field or file of a form. A part with a file name, even an empty one, is a file."""

    name: str
    file_name: str | None
    content_type: str
    content: bytes


def parts(body: bytes, content_type: str) -> list[FormPart]:
    """All parts of a body, in order."""
    boundary = parse_options_header(content_type.encode())[1].get(b"boundary", b"")
    if not 1 <= len(boundary) <= _LONGEST_BOUNDARY:
        raise Invalid(f"multipart/form-data requires a boundary of 1 to {_LONGEST_BOUNDARY} characters.", pointer="")
    reader = _Reader()
    try:
        MultipartParser(boundary, reader.callbacks).write(body)
    except FormParserError:
        raise Invalid("The body is not well-formed multipart/form-data.", pointer="") from None
    if not reader.ended:
        raise Invalid("The body is incomplete: its last boundary is missing.", pointer="")
    return reader.parts


class _Reader:
    """The callbacks of the parser."""

    def __init__(self) -> None:
        self.parts: list[FormPart] = []
        self.ended = False
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._content = bytearray()

    @property
    def callbacks(self) -> Any:
        """By the names that the parser has for them."""
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._add,
            "on_part_end": self._end_part,
            "on_header_field": self._name_header,
            "on_header_value": self._fill_header,
            "on_header_end": self._end_header,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) >= MOST_PARTS:
            raise Invalid(f"A form can have at most {MOST_PARTS} parts.", pointer="")
        self._headers = {}
        self._content = bytearray()

    def _name_header(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _fill_header(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _add(self, data: bytes, start: int, end: int) -> None:
        self._content += memoryview(data)[start:end]

    def _end_part(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise Invalid("Each part requires a Content-Disposition of form-data with a name.", pointer="")
        if self._headers.get(b"content-transfer-encoding", b"").strip().lower() not in _ENCODINGS:
            raise Invalid("Parts must not use a transfer encoding (RFC 7578, 4.7).", pointer="")
        file_name = options.get(b"filename")
        self.parts.append(
            FormPart(
                name=_text(options[b"name"]),
                file_name=None if file_name is None else file_name.decode(errors="replace"),
                content_type=self._headers.get(b"content-type", b"text/plain").decode("latin-1"),
                content=bytes(self._content),
            )
        )

    def _end(self) -> None:
        self.ended = True


def fields_and_files(body: bytes, content_type: str, files: str) -> tuple[dict[str, str], list[FormPart]]:
    """The fields of a form, and its files: the field `files`, which can occur several times."""
    fields: dict[str, str] = {}
    brought: list[FormPart] = []
    for part in parts(body, content_type):
        if part.name != files:
            if part.file_name is not None:
                raise Invalid(f"Files must be sent in the field {files!r}.", pointer=_pointer(part.name))
            if part.name in fields:
                raise Invalid("The field occurs twice.", pointer=_pointer(part.name))
            fields[part.name] = _text(part.content, pointer=_pointer(part.name))
        elif part.file_name is None:
            raise Invalid("A file has a name.", pointer=f"/{files}/{len(brought)}")
        elif part.file_name or part.content:
            # A browser sends an empty part without a name where no file was chosen.
            brought.append(part)
    return fields, brought


def _text(value: bytes, *, pointer: str = "") -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Invalid("Text is UTF-8.", pointer=pointer) from None


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
