"""The words of reminders and dunning letters, on paper and by mail: those of the rule, else ours."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from invoicing.dunning.document import DunningDocument
from invoicing.dunning.rule import DunningRule, Tone, tone_of
from invoicing.mail.words import day, in_language, money
from invoicing.store.store import Store
from invoicing.tenants.mail_text import MailText, fill
from invoicing.tenants.model import Tenant

LETTER_WORDS: Final[dict[Tone, dict[str, MailText]]] = {
    "reminder": {
        "de": MailText(
            subject="Zahlungserinnerung zur Rechnung {invoice_number} von {seller}",
            text="Guten Tag,\n\nvielleicht ist es Ihnen entgangen: Von unserer Rechnung {invoice_number} sind noch "
            "{open} offen. Bitte zahlen Sie bis zum {due_date}.\n\nMit freundlichen Grüßen\n{seller}",
        ),
        "en": MailText(
            subject="Payment reminder for invoice {invoice_number} from {seller}",
            text="Hello,\n\nthis may have escaped your notice: {open} of our invoice {invoice_number} is still open. "
            "Please pay by {due_date}.\n\nKind regards\n{seller}",
        ),
        "fr": MailText(
            subject="Rappel de paiement pour la facture {invoice_number} de {seller}",
            text="Bonjour,\n\nsauf erreur de notre part, {open} restent dus sur notre facture {invoice_number}. "
            "Merci de régler cette somme au plus tard le {due_date}.\n\nCordialement\n{seller}",
        ),
    },
    "reminder_again": {
        "de": MailText(
            subject="Zweite Zahlungserinnerung zur Rechnung {invoice_number} von {seller}",
            text="Guten Tag,\n\nauf unsere Erinnerung haben wir noch keine Zahlung erhalten: Von der Rechnung "
            "{invoice_number} sind weiterhin {open} offen. Bitte zahlen Sie bis zum {due_date}.\n\n"
            "Mit freundlichen Grüßen\n{seller}",
        ),
        "en": MailText(
            subject="Second payment reminder for invoice {invoice_number} from {seller}",
            text="Hello,\n\nwe have received no payment since our reminder: {open} of invoice {invoice_number} is "
            "still open. Please pay by {due_date}.\n\nKind regards\n{seller}",
        ),
        "fr": MailText(
            subject="Second rappel de paiement pour la facture {invoice_number} de {seller}",
            text="Bonjour,\n\nmalgré notre rappel, {open} restent dus sur la facture {invoice_number}. Merci de régler "
            "cette somme au plus tard le {due_date}.\n\nCordialement\n{seller}",
        ),
    },
    "dunning_first": {
        "de": MailText(
            subject="Mahnung zur Rechnung {invoice_number} von {seller}",
            text="Guten Tag,\n\nunsere Rechnung {invoice_number} ist überfällig, {open} sind noch offen. Bitte zahlen "
            "Sie bis zum {due_date} insgesamt {total}.\n\nMit freundlichen Grüßen\n{seller}",
        ),
        "en": MailText(
            subject="Overdue notice for invoice {invoice_number} from {seller}",
            text="Hello,\n\nour invoice {invoice_number} is overdue and {open} is still open. Please pay {total} in "
            "all by {due_date}.\n\nKind regards\n{seller}",
        ),
        "fr": MailText(
            subject="Relance pour la facture {invoice_number} de {seller}",
            text="Bonjour,\n\nnotre facture {invoice_number} est échue et {open} restent dus. Merci de régler {total} "
            "au total, au plus tard le {due_date}.\n\nCordialement\n{seller}",
        ),
    },
    "dunning": {
        "de": MailText(
            subject="Mahnung zur Rechnung {invoice_number} von {seller}",
            text="Guten Tag,\n\ntrotz unserer Erinnerung sind von der Rechnung {invoice_number} noch {open} offen. "
            "Bitte zahlen Sie bis zum {due_date} insgesamt {total}.\n\nMit freundlichen Grüßen\n{seller}",
        ),
        "en": MailText(
            subject="Overdue notice for invoice {invoice_number} from {seller}",
            text="Hello,\n\ndespite our reminder {open} of invoice {invoice_number} is still open. Please pay {total} "
            "in all by {due_date}.\n\nKind regards\n{seller}",
        ),
        "fr": MailText(
            subject="Relance pour la facture {invoice_number} de {seller}",
            text="Bonjour,\n\nmalgré notre rappel, {open} restent dus sur la facture {invoice_number}. Merci de régler "
            "{total} au total, au plus tard le {due_date}.\n\nCordialement\n{seller}",
        ),
    },
    "dunning_urgent": {
        "de": MailText(
            subject="Dringende Mahnung zur Rechnung {invoice_number} von {seller}",
            text="Guten Tag,\n\nauf unsere bisherigen Schreiben haben Sie nicht gezahlt: Von der Rechnung "
            "{invoice_number} sind weiterhin {open} offen. Wir fordern Sie nachdrücklich auf, bis zum {due_date} "
            "insgesamt {total} zu zahlen. Danach behalten wir uns gerichtliche Schritte vor.\n\n"
            "Mit freundlichen Grüßen\n{seller}",
        ),
        "en": MailText(
            subject="Urgent notice for invoice {invoice_number} from {seller}",
            text="Hello,\n\nour previous letters remain without payment: {open} of invoice {invoice_number} is still "
            "open. Please pay {total} in all by {due_date} without fail. After that we reserve the right to "
            "take legal action.\n\nKind regards\n{seller}",
        ),
        "fr": MailText(
            subject="Mise en demeure pour la facture {invoice_number} de {seller}",
            text="Bonjour,\n\nnos courriers précédents sont restés sans effet\u00a0: {open} restent dus sur la facture "
            "{invoice_number}. Nous vous mettons en demeure de régler {total} au total, au plus tard le {due_date}. "
            "Passé ce délai, nous nous réservons le droit d'agir en justice.\n\nCordialement\n{seller}",
        ),
    },
}


class Formats(NamedTuple):
    """How a text writes amounts and dates: as mails do, or as the letter does around it."""

    money: Callable[[Decimal, str], str]
    date: Callable[[date], str]


class Words(NamedTuple):
    """The company's text if it has one, ours, and what stands in place of `{number}` and the like."""

    own: MailText | None
    ours: MailText
    facts: Mapping[str, str]

    @property
    def text(self) -> str:
        """The text with everything in its place."""
        return fill((self.own and self.own.text) or self.ours.text or "", self.facts)


def words_of(store: Store, document: DunningDocument, tenant: Tenant, formats: Formats | None = None) -> Words:
    """The words of a document, in the formats of mails unless others are given. Its rule may have changed since."""
    rule = next((one for one in store.all(DunningRule) if one.id == document.rule_id), None)
    ours = LETTER_WORDS[tone_of(document.type, document.level)]
    language, currency = document.language, document.currency
    written = formats or Formats(lambda amount, code: money(amount, code, language), lambda value: day(value, language))
    facts = {
        "number": document.number,
        "invoice_number": document.invoice_number,
        "seller": tenant.name,
        "name": document.customer_name or "",
        "level": str(document.level),
        "due_date": written.date(document.due_date),
        "open": written.money(document.open, currency),
        "fee": written.money(document.fees, currency),
        "interest": written.money(document.interest, currency),
        "total": written.money(document.total, currency),
    }
    own = in_language(rule.texts, language) if rule else None
    return Words(own, in_language(ours, language) or ours["en"], facts)
