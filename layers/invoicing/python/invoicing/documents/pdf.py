"""Invoices, credit notes, cancellations, dunning letters, statements of account and mandates as PDF files."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from invoicing.core.einvoice import FACTURX_NAME
from invoicing.core.stored_file import Logo
from invoicing.documents.dunning_letter import dunning_letter
from invoicing.documents.fonts import fonts
from invoicing.documents.girocode import drawn
from invoicing.documents.letter import letter
from invoicing.documents.pictures.logo import on_letter, size_of
from invoicing.documents.statement_letter import Correspondence, statement_letter
from invoicing.dunning.document import DunningDocument
from invoicing.invoices.model import Invoice
from invoicing.issuing.glyphs import NOT_PRINTED
from invoicing.notes.errors import UnsupportedFileType
from invoicing.reports.statement import Statement

_TEMPLATES: Final = Path(__file__).parent / "templates"
_BIG: Final = 100
_REMEMBERED: Final = 10
_BREAK_EVERY: Final = 12
_LONG_WORD: Final = re.compile(r"[^\s\u200b-]{30,}")
# The typesetter breaks no line between a hyphen and a digit, so a long number would run out of its column.
_HYPHEN: Final = re.compile(r"(?<=[^\s-])-(?=\d)")
_LONG_NUMBER: Final = re.compile(r"\S{21,}")
# The French thousands separator is almost invisible in our font.
_NARROW: Final = str.maketrans("\u202f", "\u00a0")
_WITHOUT_GLYPH: Final = re.compile(r"the text `\"(.*?)\"` could not be displayed")
_IMAGE: Final = re.compile(rb"/Subtype\s*/Image")
_ESCAPE: Final = re.compile(r"\\u\{([0-9a-f]+)\}")


def render_pdf(
    document: Invoice, xml: bytes | None = None, *, logo: bytes | None = None, letterhead: Sequence[bytes] = ()
) -> bytes:
    """The document, as its files show it, as PDF/A-3b. The same document gives the same bytes.

    The XML is attached to it. A character that none of the fonts has is printed as its code point,
    `[U+1F600]`, since PDF/A allows no empty boxes. Previews show it; documents with such a character are not issued.
    """
    day = document.issue_date or document.created_at.date()
    try:
        return _printed("invoice.typ", letter(document.listed), day, _pictures(logo, letterhead), xml)
    finally:
        if len(document.lines) > _BIG:
            _forget()


def render_dunning_letter(
    document: DunningDocument,
    invoice: Invoice,
    introduction: str,
    *,
    logo: bytes | None = None,
    letterhead: Sequence[bytes] = (),
) -> bytes:
    """The letter of a dunning document about an invoice."""
    made = dunning_letter(document, invoice, introduction)
    return _printed("dunning.typ", made, document.issue_date, _pictures(logo, letterhead))


def render_statement(
    statement: Statement,
    between: Correspondence,
    *,
    logo: bytes | None = None,
    letterhead: Sequence[bytes] = (),
) -> bytes:
    """The statement of a customer's account."""
    made = statement_letter(statement, between)
    try:
        return _printed("statement.typ", made, between.day, _pictures(logo, letterhead))
    finally:
        if sum(len(one.entries) for one in statement.accounts) > _BIG:
            _forget()


def render_mandate(
    made: dict[str, Any], day: date, *, logo: bytes | None = None, letterhead: Sequence[bytes] = ()
) -> bytes:
    """The mandate of a direct debit, from the content of its letter."""
    return _printed("mandate.typ", made, day, _pictures(logo, letterhead))


def printable_logo(png: bytes, id_: str) -> Logo:
    """The description of a logo. Refuses one that would prevent rendering or be missing from documents."""
    width, height = size_of(png)
    inputs = on_letter(png)
    try:
        made = _compiler("logo.typ").compile(format="pdf", sys_inputs=inputs, pdf_standards="a-3b", timestamp=0)
    except typst.TypstError:
        made = None
    # The compiler silently omits some pictures that it cannot read.
    if not (isinstance(made, bytes) and _IMAGE.search(made)):
        raise UnsupportedFileType("The image cannot be read.", pointer="/image")
    return Logo(id=id_, sha256=hashlib.sha256(png).hexdigest(), size=len(png), width=width, height=height)


def _pictures(logo: bytes | None, letterhead: Sequence[bytes]) -> dict[str, str]:
    """The pictures for the template: the logo, the letterhead beneath the first page and that beneath the others."""
    pictures = {} if logo is None else on_letter(logo)
    if letterhead:
        pictures |= {"first_page": letterhead[0].decode(), "other_pages": letterhead[-1].decode()}
    return pictures


def _printed(
    template: str, letter: dict[str, Any], day: date, pictures: Mapping[str, str], xml: bytes | None = None
) -> bytes:
    content = _each(letter, _printable)
    code = (letter["payment"] or {}).get("code")
    files = {**pictures, **({"code": drawn(code)} if code else {})}
    if xml is not None:
        files |= {"xml": xml.decode(), "xml_name": FACTURX_NAME}

    def compiled(content: dict[str, Any]) -> bytes:
        return _compile(template, content, day, files)

    try:
        return compiled(content)
    except typst.TypstError as error:
        if not _WITHOUT_GLYPH.search(error.diagnostic):
            raise
    unusual = {character for character in json.dumps(content, ensure_ascii=False) if not character.isascii()}
    missing = _without_glyph(unusual)
    try:
        return compiled(_spelled_out(content, missing))
    except typst.TypstError as error:
        if not _WITHOUT_GLYPH.search(error.diagnostic):
            raise
    # Two fonts may each have one of two characters, but none both, if one is a mark upon the other.
    marks = {character for character in unusual if unicodedata.category(character)[0] in "MC"}
    return compiled(_spelled_out(content, missing | marks))


@cache
def _compiler(template: str) -> typst.Compiler:
    return typst.Compiler(_TEMPLATES / template, root=_TEMPLATES, font_paths=fonts())


def _compile(template: str, content: dict[str, Any], day: date, files: Mapping[str, str]) -> bytes:
    declared = json.dumps({**content, "day": [day.year, day.month, day.day]}, ensure_ascii=False)
    made = _compiler(template).compile(
        format="pdf",
        sys_inputs={"letter": declared, **files},
        pdf_standards="a-3b",
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no file.")
    return made


def compile_alone(characters: list[str], family: str | None = None) -> None:
    """Print each character by itself, in one family or in all; the typesetter's error names those that none has."""
    inputs = {"characters": json.dumps(characters, ensure_ascii=False), **({"font": family} if family else {})}
    _compiler("glyphs.typ").compile(format="pdf", sys_inputs=inputs, pdf_standards="a-3b", timestamp=0)


def _forget() -> None:
    """Make the compiler drop its cache of a big document.

    It keeps the work of its last ten compilations, up to 100 MB each at 1,000 lines, for as long as the worker lives,
    and has no other way to clear it.
    """
    for _ in range(_REMEMBERED + 1):
        compile_alone([])


def _without_glyph(characters: set[str]) -> set[str]:
    """Those of the characters that are in no font."""
    try:
        compile_alone(sorted(characters))
    except typst.TypstError as error:
        return missing_in(error, characters)
    return set()


def missing_in(error: typst.TypstError, characters: set[str]) -> set[str]:
    """Those of the characters that an error names as being in no font. The compiler quotes them as Rust does."""
    quoted = "".join(_WITHOUT_GLYPH.findall(error.diagnostic))
    return characters & set(_ESCAPE.sub(lambda code: chr(int(code[1], 16)), quoted))


def _spelled_out(content: dict[str, Any], characters: set[str]) -> dict[str, Any]:
    table = {ord(character): f"[U+{ord(character):04X}]" for character in characters}
    return _each(content, lambda text: text.translate(table))


def _printable(text: str) -> str:
    broken = _LONG_WORD.sub(_breakable, NOT_PRINTED.sub("", text))
    return _LONG_NUMBER.sub(lambda word: _HYPHEN.sub("-\u200b", word.group()), broken).translate(_NARROW)


def _breakable(word: re.Match[str]) -> str:
    text = word.group()
    return "\u200b".join(text[at : at + _BREAK_EVERY] for at in range(0, len(text), _BREAK_EVERY))


def _each[T](value: T, change: Callable[[str], str]) -> T:
    """The same JSON with each of its texts changed."""
    made: Any = value
    if isinstance(value, str):
        made = change(value)
    elif isinstance(value, dict):
        made = {key: _each(part, change) for key, part in value.items()}
    elif isinstance(value, (list, tuple)):
        made = [_each(part, change) for part in value]
    return made  # type: ignore[no-any-return]  # JSON keeps its shape
