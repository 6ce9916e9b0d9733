"""The text of a mail to a customer: the caller's, else the tenant's, else the default."""

from collections.abc import Mapping

from invoicing.aws.email import Mail
from invoicing.core.email_address import mailbox
from invoicing.core.model import local_date
from invoicing.documents.deposit_words import document_name
from invoicing.documents.texts.model import Message
from invoicing.documents.texts.wording import Wording
from invoicing.downloads.model import NewDownloadLink
from invoicing.invoice_pages.model import NewPageLink
from invoicing.invoices.model import Invoice
from invoicing.issuing.self_billing import is_self_billed
from invoicing.mail.model import OutgoingMail, paragraphs
from invoicing.tenants.mail_text import MailText, fill
from invoicing.tenants.model import Tenant


def in_language[T](texts: Mapping[str, T], language: str) -> T | None:
    """The texts for a language tag: its own, else its language's."""
    return texts.get(language) or texts.get(language[:2])


def invoice_words(invoice: Invoice, tenant: Tenant, outgoing: OutgoingMail) -> Message:
    """The text of a document's mail before placeholders are filled: in the customer's language, else in English."""
    # The tenant's own text asks for payment.
    asks = invoice.type == "invoice" and not is_self_billed(invoice)
    own = in_language(tenant.email_texts, invoice.language) if asks else None
    return chosen(outgoing, own, _default(invoice, attached=bool(outgoing.kinds)))


def invoice_mail(
    words: Message,
    invoice: Invoice,
    tenant: Tenant,
    outgoing: OutgoingMail,
    link: NewDownloadLink | None,
    page: NewPageLink | None = None,
) -> Mail:
    """The mail with an issued document, or links to its file and to its page."""
    formats, due = Wording.of(invoice.language), invoice.due_date
    facts = {
        "number": invoice.number or "",
        "seller": tenant.name,
        "name": invoice.customer_name or "",
        "total": formats.money(invoice.total, invoice.currency),
        "due_date": formats.date(due) if due else "\u2013",
    }
    if link is not None:
        until = local_date(link.expires_at, tenant.time_zone)
        facts |= {"link": link.url, "link_until": formats.date(until)}
    if page is not None:
        facts["page"] = page.url
    return mail_of(outgoing, tenant, words, facts)


def _default(invoice: Invoice, *, attached: bool) -> Message:
    """The default text for a document, under the title that it is printed with."""
    words = Wording.of(invoice.language)
    mail = words.texts.document_mail
    due = mail.we_pay if is_self_billed(invoice) else mail.due
    about = {"title": document_name(invoice, words), "due": due if invoice.due and invoice.due_date else ""}
    return Message(fill(mail.subject, about), fill(mail.text if attached else mail.linked, about))


def chosen(outgoing: OutgoingMail, own: MailText | None, default: Message) -> Message:
    """The first text that exists: the caller's, the tenant's, the default."""
    subject = outgoing.subject or (own and own.subject) or default.subject
    return Message(subject, outgoing.message or (own and own.text) or default.text)


def mail_of(outgoing: OutgoingMail, tenant: Tenant, words: Message, facts: Mapping[str, str]) -> Mail:
    """A mail with these texts, with the placeholders replaced."""
    text = _signed(fill(words.text, facts), tenant)
    return Mail(
        sender=mailbox(tenant.email_sender_name, tenant.require_sender()),
        reply_to=tenant.contact.email if tenant.contact else None,
        to=outgoing.to,
        cc=outgoing.cc,
        bcc=tuple(dict.fromkeys((*outgoing.bcc, *tenant.email_bcc))),
        subject=" ".join(fill(words.subject, facts).split()),
        text=text,
        html=paragraphs(text, {facts[name] for name in ("link", "page") if name in facts}),
    )


def _signed(text: str, tenant: Tenant) -> str:
    """The text of a mail with the company's legal information, as in every letter, unless the text contains it."""
    legal = tenant.legal_information
    shown = " ".join(text.split())
    if not legal or " ".join(legal.split()) in shown:
        return text
    return f"{text}\n\n{tenant.name}\n{legal}"
