"""The texts of reminders and dunning letters, in letters and mails: those of the rule, or the defaults."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoicing.documents.texts.model import Message, texts_of
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.rule import DunningRule, tone_of
from invoicing.mail.words import day, in_language, money
from invoicing.store.store import Store
from invoicing.tenants.mail_text import MailText, fill
from invoicing.tenants.model import Tenant


class Formats(NamedTuple):
    """The format of amounts and dates in a text: that of mails, or that of the letter."""

    money: Callable[[Decimal, str], str]
    date: Callable[[date], str]


class Words(NamedTuple):
    """The company's text if it has one, the default, and the values of placeholders such as `{number}`."""

    own: MailText | None
    default: Message
    facts: Mapping[str, str]

    @property
    def text(self) -> str:
        """The text with the values of its placeholders."""
        return fill((self.own and self.own.text) or self.default.text, self.facts)


def words_of(store: Store, document: DunningDocument, tenant: Tenant, formats: Formats | None = None) -> Words:
    """The texts of a document, in the formats of mails unless others are given. Its rule may have changed since."""
    rule = next((one for one in store.all(DunningRule) if one.id == document.rule_id), None)
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
    return Words(own, texts_of(language).dunning[tone_of(document.type, document.level)], facts)
