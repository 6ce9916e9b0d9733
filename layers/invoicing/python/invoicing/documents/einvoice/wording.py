"""The few words that stand in an e-invoice beside its codes, in the document's language."""

from typing import Final

from invoicing.core.model import days_after
from invoicing.documents.labels import LABELS
from invoicing.invoices.model import Invoice

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "serial_number": "Serial number",
    },
    "de": {
        "serial_number": "Seriennummer",
    },
    "fr": {
        "serial_number": "Numéro de série",
    },
}


class Words:
    """The words of one language, in English where it has none."""

    def __init__(self, tag: str) -> None:
        language = tag.partition("-")[0]
        self.tag = tag
        self.words = {**LABELS["en"], **LABELS.get(language, {}), **_WORDS.get(language, _WORDS["en"])}

    def __call__(self, name: str) -> str:
        """A word of the document."""
        return self.words[name]

    def payment_terms(self, document: Invoice, *, structured: bool) -> str | None:
        """How it is to be paid (BT-20). XRechnung has a form for cash discounts of two decimals (BR-DE-18)."""
        if document.type != "invoice":
            return self._settlement(document)
        terms = document.payment_terms
        if terms is None or terms.discount_percent is None or terms.discount_days is None:
            return None
        if structured and terms.discount_percent == round(terms.discount_percent, 2):
            return f"#SKONTO#TAGE={terms.discount_days}#PROZENT={terms.discount_percent:.2f}#\n"
        return self._early(document, str(terms.discount_percent), terms.discount_days)

    def _settlement(self, document: Invoice) -> str:
        """The use of a credited amount, as the PDF states it."""
        from invoicing.documents.credit_words import settlement_sentences
        from invoicing.documents.wording import Wording

        shown = document.model_dump(mode="json", include={"references", "credit_settlement", "currency"})
        return " ".join(settlement_sentences(shown, Wording.of(self.tag)))

    def _early(self, document: Invoice, percent: str, days: int) -> str:
        # Numbers and dates as the language writes them are Babel's, which most documents do without.
        from invoicing.documents.wording import Wording

        if document.issue_date is None:
            raise ValueError("only issued documents have terms")
        words = Wording.of(self.tag)
        until = words.date((days_after(document.issue_date, days)).isoformat())
        return words.label("early", percent=words.percent(percent), date=until)
