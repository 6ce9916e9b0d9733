"""The few words that stand in an e-invoice beside its codes, in the document's language."""

from typing import Final

from invoicing.documents.labels import LABELS
from invoicing.domain.invoice import Invoice
from invoicing.domain.model import days_after

_WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "serial_number": "Serial number",
        "set_off": "The amount is set off or refunded.",
        "set_off_with": "The amount is set off against invoice {number} or refunded.",
    },
    "de": {
        "serial_number": "Seriennummer",
        "set_off": "Der Betrag wird verrechnet oder erstattet.",
        "set_off_with": "Der Betrag wird mit Rechnung {number} verrechnet oder erstattet.",
    },
    "fr": {
        "serial_number": "Numéro de série",
        "set_off": "Le montant est compensé ou remboursé.",
        "set_off_with": "Le montant est imputé sur la facture {number} ou remboursé.",
    },
}


class Words:
    """The words of one language; what is not written in its own is in English."""

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
            if not document.references:
                return self.words["set_off"]
            return self.words["set_off_with"].format(number=document.references[-1].number)
        terms = document.payment_terms
        if terms is None or terms.discount_percent is None or terms.discount_days is None:
            return None
        if structured and terms.discount_percent == round(terms.discount_percent, 2):
            return f"#SKONTO#TAGE={terms.discount_days}#PROZENT={terms.discount_percent:.2f}#\n"
        return self._early(document, str(terms.discount_percent), terms.discount_days)

    def _early(self, document: Invoice, percent: str, days: int) -> str:
        # Numbers and dates as the language writes them are Babel's, which most documents do without.
        from invoicing.documents.wording import Wording

        if document.issue_date is None:
            raise ValueError("only issued documents have terms")
        words = Wording.of(self.tag)
        until = words.date((days_after(document.issue_date, days)).isoformat())
        return words.label("early", percent=words.percent(percent), date=until)
