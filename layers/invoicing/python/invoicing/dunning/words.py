"""The texts of reminders and dunning letters, in letters and mails: those of the rule, or the defaults."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from invoicing.core.currency import from_minor
from invoicing.documents.texts.model import Message
from invoicing.documents.texts.wording import Wording
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.rule import DunningRule, tone_of
from invoicing.invoices.model import Invoice
from invoicing.mail.words import in_language
from invoicing.store.store import Store
from invoicing.tenants.mail_text import MailText, fill
from invoicing.tenants.model import Tenant


class Words(NamedTuple):
    """The company's text if it has one, the default, and the values of placeholders such as `{number}`."""

    own: MailText | None
    default: Message
    facts: Mapping[str, str]

    @property
    def text(self) -> str:
        """The text of a letter with the values of its placeholders. It has no line with a link to the invoice page."""
        text = (self.own and self.own.text) or self.default.text
        return fill("\n\n".join(_without_page(text.split("\n\n"))), self.facts)


def _without_page(paragraphs: Iterable[str]) -> Iterator[str]:
    """The paragraphs without lines that have a link to the page, and without those that had no other lines."""
    for paragraph in paragraphs:
        lines = [line for line in paragraph.split("\n") if "{page}" not in line]
        if lines:
            yield "\n".join(lines)


def words_of(store: Store, document: DunningDocument, tenant: Tenant) -> Words:
    """The text of a document. Its rule may have changed since the document was created."""
    rule = next((one for one in store.all(DunningRule) if one.id == document.rule_id), None)
    language = document.language
    formats = Wording.of(language)
    facts = {
        "number": document.number,
        "invoice_number": document.invoice_number,
        "seller": tenant.name,
        "name": document.customer_name or "",
        "level": str(document.level),
        "due_date": formats.date(document.due_date),
    }
    amounts = {"open": document.open, "fee": document.fees, "interest": document.interest, "total": document.total}
    facts |= {name: formats.money(amount, document.currency) for name, amount in amounts.items()}
    own = in_language(rule.texts, language) if rule else None
    return Words(own, formats.texts.dunning[tone_of(document.type, document.level)], facts)


def words_before_due(rule: DunningRule, invoice: Invoice, tenant: Tenant) -> Words:
    """The text of the reminder before the due date."""
    formats, nothing = Wording.of(invoice.language), from_minor(0, invoice.currency)
    facts = {
        "number": invoice.number or "",
        "invoice_number": invoice.number or "",
        "seller": tenant.name,
        "name": invoice.customer_name or "",
        "level": str(rule.level),
        "due_date": formats.date(invoice.due_date) if invoice.due_date else "",
    }
    amounts = {"open": invoice.due, "fee": nothing, "interest": nothing, "total": invoice.due}
    facts |= {name: formats.money(amount, invoice.currency) for name, amount in amounts.items()}
    return Words(in_language(rule.texts, invoice.language), formats.texts.due_mail, facts)
