"""The words about deposits, the same on the pages of a document and in its XML."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, get_args

from invoicing.documents.texts.deposits import sentences_about
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.lifecycle import StatedType
from invoicing.invoices.model import Invoice

_NAMED: Final = frozenset(get_args(StatedType)) - {"380", "386"}
"""The types by UNTDID 1001 that have a name of their own."""


def document_name(document: Invoice, words: Wording) -> str:
    """The name of a document: that of its type, a deposit or final invoice.

    A self-billed invoice has the name that the law requires (§ 14 (4) no. 10 UStG).
    """
    if document.type != "invoice":
        return words.label(document.type)
    if document.type_code in _NAMED:
        return words.label(f"type_{document.type_code}")
    if document.purpose == "deposit":
        return words.label("deposit_invoice")
    return words.label("final_invoice" if document.deducted else "invoice")


def deposit_rows(document: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """A row for each deposit that an invoice deducts."""
    for one in document.deducted:
        yield words.label("deposit", number=one.number), words.money(-(one.total or Decimal(0)), document.currency)


def deposit_sentences(document: Invoice, words: Wording) -> Iterator[str]:
    """The sentences about the deposits that an invoice deducts."""
    return sentences_about(document.deducted, document.currency, words)
