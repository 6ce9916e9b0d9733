"""The words about deposits, the same on the pages of a document and in its XML."""

from collections.abc import Iterator

from invoicing.documents.texts.wording import Wording
from invoicing.invoices.model import Invoice


def document_name(document: Invoice, words: Wording) -> str:
    """The name of a document: of its type, or of the part it has in a supply that is paid in advance."""
    if document.type == "invoice" and document.purpose == "deposit":
        return words.label("deposit_invoice")
    if document.type == "invoice" and document.deposits:
        return words.label("final_invoice")
    return words.label(document.type)


def deposit_rows(document: Invoice, words: Wording) -> Iterator[tuple[str, str]]:
    """A row for each deposit that an invoice deducts."""
    for one in document.deposits:
        yield words.label("deposit", number=one.number), words.money(-one.total, document.currency)


def deposit_sentences(document: Invoice, words: Wording) -> Iterator[str]:
    """The net and the tax of each deposit by rate, which a final invoice has to state (§ 14 (5) sentence 2 UStG)."""
    currency = document.currency
    for one in document.deposits:
        parts = ", ".join(
            words.label(
                "deposit_part",
                net=words.money(tax.taxable, currency),
                rate=words.percent(tax.rate),
                tax=words.money(tax.tax, currency),
            )
            for tax in one.tax_breakdown
        )
        total, issued_on = words.money(one.total, currency), words.date(one.issue_date)
        yield words.label("deposit_of", number=one.number, date=issued_on, parts=parts, total=total)
