"""The texts that each language has, and how they are found by a language tag."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Final, NamedTuple

from invoicing.core.model import LANGUAGES

_DEFAULT: Final = "en"


class Message(NamedTuple):
    """A subject and a text with placeholders such as `{open}`, for a letter and its mail."""

    subject: str
    text: str


class DocumentMail(NamedTuple):
    """The mail with an issued document."""

    subject: str
    text: str
    """The text where the document is attached."""
    linked: str
    """The text where the mail has a link instead."""
    due: str
    """The addition where an amount is due."""
    we_pay: str
    """The addition on a self-billed invoice, which its issuer pays."""


class ReceiptMail(NamedTuple):
    """The mail that confirms a payment or refund."""

    subject: str
    text: str
    """The whole mail, with places for the sentences."""
    received: str
    """The sentence where the customer paid."""
    paid: str
    """The sentence where the tenant paid."""
    offset: str
    """The sentence where the credit of another document was applied."""
    discount: str
    """The addition where a cash discount was kept back."""
    open: str
    """The sentence where an amount remains due."""
    settled: str
    """The sentence where nothing is due any more."""


class DisabledMail(NamedTuple):
    """The mail about a webhook endpoint that the service disabled."""

    subject: str
    text: str
    """The whole mail, with a place for the sentence."""
    gone: str
    """The sentence where the endpoint responded that it no longer exists."""
    failing: str
    """The sentence where the endpoint failed for too long."""


@dataclass(frozen=True)
class Texts:
    """Every text of one language that is printed or mailed."""

    language: str
    labels: Mapping[str, str]
    """The words and sentences of documents, letters and e-invoices, by name."""
    units: Mapping[str, str]
    """Units of UN/ECE Recommendation 20 and 21 as people write them. Other codes are printed as they are."""
    untaxed: Mapping[str, str]
    """The legal text where no tax is charged, by category (UNTDID 5305)."""
    document_mail: DocumentMail
    """The mail with an invoice, a credit note or a cancellation."""
    page_mail: Message
    """The mail with a new link to the page of a document."""
    cancellation_mail: Message
    """The mail that confirms the cancellation of a subscription."""
    statement_mail: Message
    """The mail with a statement of account."""
    receipt_mail: ReceiptMail
    """The mail that confirms a payment or refund."""
    due_mail: Message
    """The reminder before the due date."""
    disabled_mail: DisabledMail
    """The mail to the tenant's admins about a disabled webhook endpoint."""
    dunning: Mapping[str, Message]
    """Reminders and dunning letters, by tone."""
    regional: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The labels that differ in a country, by its code."""
    first_of_month: str = "1"
    """How dates write the first day of a month. CLDR has a cardinal number in every language."""

    def label(self, name: str, **values: str) -> str:
        """A word or sentence with its values in place."""
        return self.labels[name].format(**values)


def texts_of(tag: str) -> Texts:
    """The texts for a language tag (`de`, `fr-CH`). Other languages than those offered are written in English.

    Each language is a module of this folder, loaded when it is used first.
    """
    language, _, country = tag.partition("-")
    if language not in LANGUAGES:
        language, country = _DEFAULT, ""
    texts: Texts = import_module(f"invoicing.documents.texts.{language}").TEXTS
    own = texts.regional.get(country)
    return replace(texts, labels={**texts.labels, **own}) if own else texts
