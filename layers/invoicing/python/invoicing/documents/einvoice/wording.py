"""The sentences of an e-invoice about payment and deposits, in the document's language."""

from decimal import Decimal

from invoicing.core.model import days_after
from invoicing.invoices.model import Invoice


def payment_terms(document: Invoice, *, structured: bool, short: bool) -> str | None:
    """How it is to be paid (BT-20). XRechnung has a form for cash discounts of two decimals (BR-DE-18).

    `short`: without the list of earlier credits, which is too long for Romania (BR-RO-L300).
    """
    credited = _settlement(document, short=short) if document.type != "invoice" else None
    parts = [credited, _cash_discount(document, structured=structured), document.payment_terms_text]
    text = "\n".join(part for part in parts if part) or None
    # A line break ends each line in XRechnung's form, which Peppol has between German parties (DE-R-018).
    return f"{text}\n" if text and text.rpartition("\n")[2].startswith("#") else text


def _cash_discount(document: Invoice, *, structured: bool) -> str | None:
    steps = document.payment_terms.discounts if document.payment_terms else ()
    if structured and all(percent == round(percent, 2) for percent, _ in steps):
        return "\n".join(f"#SKONTO#TAGE={days}#PROZENT={percent:.2f}#" for percent, days in steps)
    return "\n".join(_early(document, percent, days) for percent, days in steps)


def deposits(document: Invoice) -> list[str]:
    """The net and tax of the deposits that the invoice deducts, as the PDF states them."""
    if not document.deducted:
        return []
    from invoicing.documents.deposit_words import deposit_sentences
    from invoicing.documents.texts.wording import Wording

    return [*deposit_sentences(document, Wording.of(document.language))]


def _settlement(document: Invoice, *, short: bool) -> str:
    """The use of a credited amount, as the PDF states it."""
    from invoicing.documents.credit_words import settlement_sentences
    from invoicing.documents.texts.wording import Wording

    return " ".join(settlement_sentences(document, Wording.of(document.language), earlier=not short))


def _early(document: Invoice, percent: Decimal, days: int) -> str:
    # Babel formats numbers and dates. Loaded here, because most documents need none.
    from invoicing.documents.texts.wording import Wording

    if document.issue_date is None:
        raise ValueError("only issued documents have terms")
    words = Wording.of(document.language)
    until = words.date(days_after(document.issue_date, days))
    return words.label("early", percent=words.percent(percent), date=until)
