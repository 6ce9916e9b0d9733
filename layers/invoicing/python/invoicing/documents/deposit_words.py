"""The words about deposits, the same on the pages of a document and in its XML."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, get_args

from invoicing.documents.texts.wording import Wording
from invoicing.invoices.drafts.references import Deposit, PrepaidReference
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
    """The net and the tax of each deposit by rate, which a final invoice has to state (§ 14 (5) sentence 2 UStG)."""
    return sentences_about(document.deducted, document.currency, words)


def sentences_about(deposits: Iterable[Deposit | PrepaidReference], currency: str, words: Wording) -> Iterator[str]:
    """The same about some deposits."""
    for one in deposits:
        parts = ", ".join(
            words.label(
                "deposit_part",
                net=words.money(tax.taxable, currency),
                rate=words.percent(tax.rate),
                tax=words.money(tax.tax, currency),
            )
            for tax in one.tax_breakdown
        )
        total = words.money(one.total or Decimal(0), currency)
        issued_on = words.date(one.issue_date) if one.issue_date else ""
        yield words.label("deposit_of", number=one.number, date=issued_on, parts=parts, total=total)
