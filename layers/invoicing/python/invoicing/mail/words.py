"""The text of a mail to a customer: the caller's, else the tenant's, else the default."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoicing.aws.email import Mail
from invoicing.core.model import local_date
from invoicing.documents.labels import LABELS
from invoicing.downloads.model import NewDownloadLink
from invoicing.invoices.model import Invoice
from invoicing.mail.model import OutgoingMail, paragraphs
from invoicing.tenants.mail_text import MailText, fill
from invoicing.tenants.model import Tenant

_DATES = {"de": "%d.%m.%Y", "en": "%d %B %Y", "fr": "%d/%m/%Y"}
_SEPARATORS = {"de": (".", ","), "en": (",", "."), "fr": ("\u202f", ",")}


class _Words(NamedTuple):
    """The default texts of a language; `linked` if the document is not attached, `due` only if an amount is due."""

    subject: str
    text: str
    linked: str
    due: str


class Wording(NamedTuple):
    """The text of a mail before its placeholders are filled."""

    subject: str
    text: str


_WORDS = {
    "de": _Words(
        "{title} {number} von {seller}",
        "Guten Tag,\n\nanbei erhalten Sie die {title} {number} über {total}{due}.\n\nMit freundlichen Grüßen\n{seller}",
        "Guten Tag,\n\nunter diesem Link finden Sie die {title} {number} über {total}{due}; "
        "er gilt bis zum {link_until}:\n\n"
        "{link}\n\nMit freundlichen Grüßen\n{seller}",
        ", fällig am {due_date}",
    ),
    "en": _Words(
        "{title} {number} from {seller}",
        "Hello,\n\nplease find attached: {title} {number} over {total}{due}.\n\nKind regards\n{seller}",
        "Hello,\n\nthis link opens {title} {number} over {total}{due}, until {link_until}:\n\n"
        "{link}\n\nKind regards\n{seller}",
        ", due on {due_date}",
    ),
    "fr": _Words(
        "{title} {number} de {seller}",
        "Bonjour,\n\nveuillez trouver ci-joint\u00a0: {title} {number} de {total}{due}.\n\nCordialement\n{seller}",
        "Bonjour,\n\nce lien ouvre {title} {number} de {total}{due}\u00a0; "
        "il est valable jusqu'au {link_until}\u00a0:\n\n"
        "{link}\n\nCordialement\n{seller}",
        ", payable le {due_date}",
    ),
}


def in_language[T](texts: Mapping[str, T], language: str) -> T | None:
    """The texts for a language tag: its own, else its language's."""
    return texts.get(language) or texts.get(language[:2])


def money(amount: Decimal, currency: str, language: str) -> str:
    """An amount as a sentence in this language has it."""
    thousands, point = _SEPARATORS.get(language[:2], (",", "."))
    text = f"{amount:,f}".translate({ord(","): thousands, ord("."): point})
    return f"{text}\u00a0{currency}"


def day(value: date | None, language: str) -> str:
    """A date as a sentence in this language has it."""
    if value is None:
        return "\u2013"
    pattern = _DATES.get(language[:2])
    return value.strftime(pattern) if pattern else value.isoformat()


def invoice_words(invoice: Invoice, tenant: Tenant, outgoing: OutgoingMail) -> Wording:
    """The text of a document's mail before placeholders are filled: in the customer's language, else in English."""
    # The tenant's own words are about invoices.
    own = in_language(tenant.email_texts, invoice.language) if invoice.type == "invoice" else None
    return chosen(outgoing, own, _ours(invoice, attached=bool(outgoing.kinds)))


def invoice_mail(
    words: Wording, invoice: Invoice, tenant: Tenant, outgoing: OutgoingMail, link: NewDownloadLink | None
) -> Mail:
    """The mail that brings an issued document, or a link to it."""
    facts = {
        "number": invoice.number or "",
        "seller": tenant.name,
        "name": invoice.customer_name or "",
        "total": money(invoice.total, invoice.currency, invoice.language),
        "due_date": day(invoice.due_date, invoice.language),
    }
    if link is not None:
        facts |= {"link": link.url, "link_until": day(local_date(link.expires_at, tenant.time_zone), invoice.language)}
    return mail_of(outgoing, tenant, words, facts)


def _ours(invoice: Invoice, *, attached: bool) -> MailText:
    """Our own words for a document, under the title that it is printed with."""
    language = invoice.language[:2] if invoice.language[:2] in _WORDS else "en"
    words = _WORDS[language]
    about = {"title": LABELS[language][invoice.type], "due": words.due if invoice.due else ""}
    return MailText(subject=fill(words.subject, about), text=fill(words.text if attached else words.linked, about))


def chosen(outgoing: OutgoingMail, own: MailText | None, ours: MailText) -> Wording:
    """The first words that there are: the caller's, the tenant's, ours."""
    subject = outgoing.subject or (own and own.subject) or ours.subject
    return Wording(subject or "", outgoing.message or (own and own.text) or ours.text or "")


def mail_of(outgoing: OutgoingMail, tenant: Tenant, words: Wording, facts: Mapping[str, str]) -> Mail:
    """A mail of these words, with the facts in place."""
    text = fill(words.text, facts)
    return Mail(
        sender=tenant.require_sender(),
        reply_to=tenant.contact.email if tenant.contact else None,
        to=outgoing.to,
        cc=outgoing.cc,
        bcc=tuple(dict.fromkeys((*outgoing.bcc, *tenant.email_bcc))),
        subject=" ".join(fill(words.subject, facts).split()),
        text=text,
        html=paragraphs(text, {facts["link"]} if "link" in facts else ()),
    )
