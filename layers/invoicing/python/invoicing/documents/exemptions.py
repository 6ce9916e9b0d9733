"""The reason for untaxed amounts, the same on the pages of a document and in its XML."""

from invoicing.documents.texts.model import Texts
from invoicing.invoices.model import Invoice
from invoicing.pricing.tax import VATEX_REASONS, TaxAmount


def exemption_reason(document: Invoice, tax: TaxAmount, texts: Texts) -> str | None:
    """The reason why a category is not taxed (EN 16931 BT-120): the stated reasons, else the legal text.

    The law prescribes the words for a reverse charge (§ 14a (5) UStG, article 226 (11a) of Directive 2006/112/EC), so
    the text is in the language of the document. In the tax breakdown it is the English text of the VATEX list.
    """
    entries = (*((document.shipping,) if document.shipping else ()), *document.allowances, *document.charges)
    taxes = (*(line.tax for line in document.lines), *(one.tax for one in entries if one.tax), tax)
    reasons = dict.fromkeys(one.exemption_reason for one in taxes if one.category == tax.category)
    for default in (None, VATEX_REASONS.get(tax.category, ("", ""))[1]):
        reasons.pop(default, None)
    return "; ".join(str(reason) for reason in reasons) or texts.untaxed.get(tax.category)
