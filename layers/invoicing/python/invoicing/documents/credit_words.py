"""The sentences of a credit note or cancellation about the money, the same on its pages and in its XML."""

from collections.abc import Iterator

from invoicing.documents.texts.wording import Wording
from invoicing.invoices.model import Invoice


def settlement_sentences(document: Invoice, words: Wording, *, earlier: bool = True) -> Iterator[str]:
    """The earlier credits, unless they are left out, and whether the amount is set off or refunded."""
    invoice = document.references[-1].number if document.references else ""
    settlement = document.credit_settlement
    if settlement is None:
        yield words.label("set_off_with", number=invoice) if invoice else words.label("set_off")
        return
    if settlement.earlier and earlier:
        listed = ", ".join(
            words.label("credited_by", number=one.number, date=words.date(one.issue_date), amount=amount)
            for one in settlement.earlier
            for amount in [words.money(one.amount, document.currency)]
        )
        yield words.label("credited_before", number=invoice, documents=listed)
    for name in ("set_off", "refund", "cash_discount", "deposits"):
        amount = getattr(settlement, name)
        if amount:
            yield words.label(f"{name}_amount", amount=words.money(amount, document.currency), number=invoice)
