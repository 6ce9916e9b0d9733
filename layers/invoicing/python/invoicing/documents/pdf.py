"""Invoices, credit notes and cancellations as PDF files."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from invoicing.documents.letter import letter

_TEMPLATES: Final = Path(__file__).parent / "templates"
_BREAK_EVERY: Final = 12
_BIG: Final = 100
_REMEMBERED: Final = 10
_LONG_WORD: Final = re.compile(r"[^\s\u200b-]{30,}")
# Overrides and isolates can turn 100 into 001 before the reader's eyes; right-to-left scripts need none of them.
_REORDERING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_WITHOUT_GLYPH: Final = re.compile(r"the text `(\".*?\")` could not be displayed")
_ESCAPE: Final = re.compile(r"\\u\{([0-9a-f]+)\}")


def render_pdf(invoice: Mapping[str, Any]) -> bytes:
    """The document as PDF/A-3b, from the invoice as the contract shows it. The same invoice gives the same bytes.

    A character that none of the fonts has is printed as its code point, `[U+1F600]`: PDF/A allows no empty boxes,
    and a customer's emoji must not stop an invoice.
    """
    try:
        return _render(invoice)
    finally:
        if len(invoice["lines"]) > _BIG:
            _forget()


def _render(invoice: Mapping[str, Any]) -> bytes:
    content = _printable(letter(invoice))
    day = date.fromisoformat(invoice["issue_date"] or invoice["created_at"][:10])
    try:
        return _compile(content, day)
    except typst.TypstError as error:
        missing = _without_glyph(error.diagnostic)
        if not missing:
            raise
    return _compile(_spelled_out(content, missing), day)


@cache
def _compiler(template: str) -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False)
    return typst.Compiler(_TEMPLATES / template, root=_TEMPLATES, font_paths=fonts)


def _forget() -> None:
    """Make the compiler drop what it remembers of a big document.

    It keeps the work of its last ten compilations, up to 100 MB each at 1,000 lines, for as long as the worker lives,
    and offers no other way to let go of it.
    """
    for _ in range(_REMEMBERED + 1):
        _compiler("blank.typ").compile(format="pdf")


def _compile(content: dict[str, Any], day: date) -> bytes:
    made = _compiler("invoice.typ").compile(
        format="pdf",
        sys_inputs={"letter": json.dumps({**content, "day": [day.year, day.month, day.day]}, ensure_ascii=False)},
        pdf_standards="a-3b",
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no file.")
    return made


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """The same JSON with each of its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_each(part, change) for part in value]
    return value


def _printable(content: dict[str, Any]) -> dict[str, Any]:
    """The content with nothing in it that leaves its column or its order."""
    made: dict[str, Any] = _each(content, lambda text: _LONG_WORD.sub(_breakable, _REORDERING.sub("", text)))
    return made


def _breakable(word: re.Match[str]) -> str:
    text = word.group()
    return "\u200b".join(text[at : at + _BREAK_EVERY] for at in range(0, len(text), _BREAK_EVERY))


def _without_glyph(diagnostic: str) -> set[str]:
    """The characters that the compiler reports as being in no font; it quotes them as Rust does."""
    quoted = _WITHOUT_GLYPH.findall(diagnostic)
    return {character for text in quoted for character in _ESCAPE.sub(lambda code: chr(int(code[1], 16)), text[1:-1])}


def _spelled_out(content: dict[str, Any], characters: set[str]) -> dict[str, Any]:
    table = {ord(character): f"[U+{ord(character):04X}]" for character in characters}
    made: dict[str, Any] = _each(content, lambda text: text.translate(table))
    return made
