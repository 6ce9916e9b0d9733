"""What a mail to a customer says."""

import html
from collections.abc import Iterable

from invoicing.domain.errors import SenderMissing
from invoicing.domain.invoice import Invoice
from invoicing.domain.mail import Mail
from invoicing.domain.model import decimal_text
from invoicing.domain.tenant import Tenant

_WORDS = {
    "de": (
        "Rechnung {number} von {seller}",
        "Guten Tag,\n\nanbei erhalten Sie die Rechnung {number} über {total} {currency}, fällig am {due}.\n\n"
        "Mit freundlichen Grüßen\n{seller}",
    ),
    "en": (
        "Invoice {number} from {seller}",
        "Hello,\n\nplease find attached invoice {number} over {total} {currency}, due on {due}.\n\n"
        "Kind regards\n{seller}",
    ),
    "fr": (
        "Facture {number} de {seller}",
        "Bonjour,\n\nveuillez trouver ci-joint la facture {number} de {total} {currency}, payable le {due}.\n\n"
        "Cordialement\n{seller}",
    ),
}


def invoice_mail(invoice: Invoice, tenant: Tenant, to: Iterable[str]) -> Mail:
    """The mail that brings an issued document, in the customer's language (English where we have no words for it)."""
    if tenant.email_sender is None:
        raise SenderMissing
    subject, text = _WORDS.get(invoice.language[:2], _WORDS["en"])
    facts = {
        "number": invoice.number,
        "seller": tenant.name,
        "total": decimal_text(invoice.total),
        "currency": invoice.currency,
        "due": invoice.due_date.isoformat() if invoice.due_date else "—",
    }
    body = text.format_map(facts)
    paragraphs = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in body.split("\n\n"))
    return Mail(sender=tenant.email_sender, to=tuple(to), subject=subject.format_map(facts), text=body, html=paragraphs)
