"""What reminders and dunning letters say, on paper and by mail: the rule's words, else ours."""

from collections.abc import Mapping
from typing import NamedTuple

from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.dunning_document import DunningDocument
from invoicing.domain.mail import MailText, fill
from invoicing.domain.tenant import Tenant
from invoicing.workflows.mail import day, in_language, money

_WORDS = {
    "reminder": {
        "de": MailText(
            subject="Zahlungserinnerung zur Rechnung {invoice_number} von {seller}",
            text="Guten Tag,\n\nvielleicht ist es Ihnen entgangen: Von unserer Rechnung {invoice_number} sind noch "
            "{open} offen. Bitte zahlen Sie bis zum {due_date}.\n\nMit freundlichen Grüßen\n{seller}",
        ),
        "en": MailText(
            subject="Payment reminder for invoice {invoice_number} from {seller}",
            text="Hello,\n\nthis may have escaped your notice: {open} of our invoice {invoice_number} are still open. "
            "Please pay by {due_date}.\n\nKind regards\n{seller}",
        ),
        "fr": MailText(
            subject="Rappel de paiement pour la facture {invoice_number} de {seller}",
            text="Bonjour,\n\nsauf erreur de notre part, {open} restent dus sur notre facture {invoice_number}. "
            "Merci de payer avant le {due_date}.\n\nCordialement\n{seller}",
        ),
    },
    "dunning": {
        "de": MailText(
            subject="Mahnung zur Rechnung {invoice_number} von {seller}",
            text="Guten Tag,\n\ntrotz unserer Erinnerung sind von der Rechnung {invoice_number} noch {open} offen. "
            "Mit Kosten und Zinsen sind bis zum {due_date} insgesamt {total} zu zahlen.\n\n"
            "Mit freundlichen Grüßen\n{seller}",
        ),
        "en": MailText(
            subject="Dunning letter for invoice {invoice_number} from {seller}",
            text="Hello,\n\n{open} of invoice {invoice_number} are still open. With fees and interest {total} are to "
            "be paid by {due_date}.\n\nKind regards\n{seller}",
        ),
        "fr": MailText(
            subject="Mise en demeure pour la facture {invoice_number} de {seller}",
            text="Bonjour,\n\n{open} restent dus sur la facture {invoice_number}. Frais et intérêts compris, {total} "
            "sont à payer avant le {due_date}.\n\nCordialement\n{seller}",
        ),
    },
}


class Words(NamedTuple):
    """The company's text if it has one, ours, and what stands in place of `{number}` and the like."""

    own: MailText | None
    ours: MailText
    facts: Mapping[str, str]

    @property
    def text(self) -> str:
        """The text with everything in its place."""
        return fill((self.own and self.own.text) or self.ours.text or "", self.facts)


def words_of(store: Store, document: DunningDocument, tenant: Tenant) -> Words:
    """What a document says. Its rule may be changed by now, or gone."""
    rule = next((one for one in store.dunning_rules() if one.id == document.rule_id), None)
    ours = _WORDS[document.type]
    language, currency = document.language, document.currency
    facts = {
        "number": document.number,
        "invoice_number": document.invoice_number,
        "seller": tenant.name,
        "name": document.customer_name or "",
        "level": str(document.level),
        "due_date": day(document.due_date, language),
        "open": money(document.open, currency, language),
        "fee": money(document.fees, currency, language),
        "interest": money(document.interest, currency, language),
        "total": money(document.total, currency, language),
    }
    own = in_language(rule.texts, language) if rule else None
    return Words(own, in_language(ours, language) or ours["en"], facts)
