"""Sentences about deposits, for pages, e-invoices and corrections."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from invoicing.documents.texts.wording import Wording
from invoicing.invoices.drafts.references import Deposit, PrepaidReference


def sentences_about(deposits: Iterable[Deposit | PrepaidReference], currency: str, words: Wording) -> Iterator[str]:
    """The net and the tax of each deposit by rate, which a final invoice has to state (§ 14 (5) sentence 2 UStG)."""
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
