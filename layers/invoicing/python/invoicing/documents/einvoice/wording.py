"""The sentences of an e-invoice about payment and deposits, in the document's language."""

from decimal import Decimal

from invoicing.core.model import days_after
from invoicing.invoices.model import Invoice


def payment_terms(document: Invoice, *, structured: bool) -> str | None:
    """How it is to be paid (BT-20). XRechnung has a form for cash discounts of two decimals (BR-DE-18)."""
    if document.type != "invoice":
        return _settlement(document)
    parts = [_cash_discount(document, structured=structured), document.payment_terms_text]
    text = "\n".join(part for part in parts if part) or None
    # A line break ends each line in XRechnung's form.
    return f"{text}\n" if structured and text and text.endswith("#") else text


def _cash_discount(document: Invoice, *, structured: bool) -> str | None:
    terms = document.payment_terms
    if terms is None or terms.discount_percent is None or terms.discount_days is None:
        return None
    if structured and terms.discount_percent == round(terms.discount_percent, 2):
        return f"#SKONTO#TAGE={terms.discount_days}#PROZENT={terms.discount_percent:.2f}#"
    return _early(document, terms.discount_percent, terms.discount_days)


def deposits(document: Invoice) -> list[str]:
    """The net and tax of the deposits that the invoice deducts, as the PDF states them."""
    if not document.deposits:
        return []
    from invoicing.documents.deposit_words import deposit_sentences
    from invoicing.documents.texts.wording import Wording

    return [*deposit_sentences(document, Wording.of(document.language))]


def _settlement(document: Invoice) -> str:
    """The use of a credited amount, as the PDF states it."""
    from invoicing.documents.credit_words import settlement_sentences
    from invoicing.documents.texts.wording import Wording

    return " ".join(settlement_sentences(document, Wording.of(document.language)))


def _early(document: Invoice, percent: Decimal, days: int) -> str:
    # Babel formats numbers and dates. Loaded here, because most documents need none.
    from invoicing.documents.texts.wording import Wording

    if document.issue_date is None:
        raise ValueError("only issued documents have terms")
    words = Wording.of(document.language)
    until = words.date(days_after(document.issue_date, days))
    return words.label("early", percent=words.percent(percent), date=until)
