"""Whether the texts of a document can be printed: in the available fonts, on a bounded number of pages."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from invoicing.core.errors import Violation
from invoicing.core.model import MOST_LINE_BREAKS
from invoicing.issuing.errors import NotPrintable
from invoicing.issuing.glyphs import unprintable

if TYPE_CHECKING:
    from invoicing.core.einvoice import DocumentNote
    from invoicing.invoices.drafts.supporting import Attachment, SupportingDocument
    from invoicing.invoices.model import Invoice

MOST_ROWS: Final = 20_000
"""Rows of one document: about 400 pages, which take the renderer some seconds and half of its memory."""
_CHARACTERS_A_ROW: Final = 60
_MOST_ERRORS: Final = 20
_OF_LINES: Final = {
    "name", "description", "note", "item_id", "buyer_item_id", "standard_item_id", "object_id", "order_line",
    "classifications", "attributes", "serial_number", "package_name", "discount", "allowances", "charges", "tax",
}  # fmt: skip
_ESCAPED_BREAK: Final = re.compile(r"\\[nrt]")
_PRINTED: Final[dict[str, Any]] = {
    **dict.fromkeys(
        (
            "title",
            "introduction",
            "note",
            "notes",
            "payment_terms_text",
            "closing",
            "purchase_order_id",
            "contract_reference",
            "project_reference",
            "tender_reference",
            "object_id",
            "sales_order_id",
            "despatch_reference",
            "receiving_reference",
            "accounting_reference",
            "buyer_reference",
            "payment_reference",
            "payment_means_text",
            "references",
            "supporting_documents",
            "custom_attributes",
            "customer",
            "seller",
            "ship_to",
            "payee",
            "discount",
            "shipping",
            "allowances",
            "charges",
            "prepaid",
        ),
        True,
    ),
    "attachments": {"__all__": {"reference", "name", "description", "url"}},
    "lines": {"__all__": _OF_LINES},
}
"""The fields of a document that its pages show."""


def require_printable(invoice: "Invoice") -> None:
    """Refuse a document with characters that no font has, or with more text than can be rendered."""
    _refuse([*unprintable_texts(invoice)])


def require_printable_texts(texts: Mapping[str, str | None]) -> None:
    """Refuse texts with characters that no font has. Their keys are the pointers to them."""
    _refuse([*_violations((pointer, text) for pointer, text in texts.items() if text)])


def require_printable_additions(
    notes: Iterable["DocumentNote"] = (),
    documents: Iterable["SupportingDocument"] = (),
    attachments: Iterable["Attachment"] = (),
) -> None:
    """Refuse notes, supporting documents and files of a request with characters that no font has."""
    added = {"/notes": notes, "/supporting_documents": documents, "/attachments": attachments}
    for pointer, values in added.items():
        listed = [one.model_dump(mode="json", exclude_none=True) for one in values]
        _refuse([*_violations(_walked(pointer, listed))])


def require_bounded(invoice: "Invoice") -> None:
    """Refuse a document with more text than can be rendered."""
    _refuse([*_too_long(_texts(invoice), len(invoice.lines))])


def unprintable_texts(invoice: "Invoice") -> Iterator[Violation]:
    """The places of texts that cannot be printed, and of too many rows of text."""
    if _is_surely_printable(invoice):
        return
    texts = list(_texts(invoice))
    yield from _violations(iter(texts))
    yield from _too_long(texts, len(invoice.lines))


def _is_surely_printable(invoice: "Invoice") -> bool:
    """Whether the JSON of all texts passes every rule at once, so that no text needs a look of its own.

    Each response with a draft needs this, and one string takes half as long as the walk over all texts. Every row of
    text has a character or more of it. Escaped characters are left to the walk.
    """
    whole = invoice.model_dump_json(include=_PRINTED, exclude_none=True)
    is_short = len(whole) + len(invoice.lines) <= MOST_ROWS and whole.count("\\n") <= MOST_LINE_BREAKS
    # A mark behind a line break is on no letter, although the escaped break ends with one.
    return is_short and "\\u" not in whole and unprintable(_ESCAPED_BREAK.sub("\n", whole)) is None


def _too_long(texts: Iterable[tuple[str, str]], lines: int) -> Iterator[Violation]:
    rows = sum(_rows(text) for _, text in texts) + lines
    if rows > MOST_ROWS:
        message = f"The document would have about {rows:,} rows of text; {MOST_ROWS:,} can be rendered."
        yield Violation("/lines", "TEXT_TOO_LONG", message)


def _refuse(found: list[Violation]) -> None:
    if found:
        detail = " ".join(dict.fromkeys(one.message for one in found[:_MOST_ERRORS]))
        raise NotPrintable(detail, errors=tuple(found[:_MOST_ERRORS]))


def _violations(texts: Iterator[tuple[str, str]]) -> Iterator[Violation]:
    return islice(_mistakes(texts), _MOST_ERRORS)


def _mistakes(texts: Iterator[tuple[str, str]]) -> Iterator[Violation]:
    for pointer, text in texts:
        missing = unprintable(text)
        if missing is not None:
            codes = " ".join(f"U+{ord(character):04X}" for character in missing)
            message = f"No font of the documents has the character {missing} ({codes})."
            yield Violation(pointer, "UNPRINTABLE_CHARACTER", message)
        if text.count("\n") > MOST_LINE_BREAKS:
            yield Violation(pointer, "TEXT_TOO_LONG", f"A text has at most {MOST_LINE_BREAKS} line breaks.")


def _rows(text: str) -> int:
    return sum(1 + len(row) // _CHARACTERS_A_ROW for row in text.split("\n"))


def _texts(invoice: "Invoice") -> Iterator[tuple[str, str]]:
    """Each text that the pages show, with the pointer to it."""
    return _walked("", invoice.model_dump(mode="json", include=_PRINTED, exclude_none=True))


def _walked(pointer: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _walked(f"{pointer}/{name}", inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _walked(f"{pointer}/{place}", inner)
