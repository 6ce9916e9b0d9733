"""The parts that all letters share: sender, recipient and bank accounts."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from invoicing.core.model import values_of
from invoicing.core.party import BankAccount, Buyer, Contact, Seller
from invoicing.document_forms.design import IssuedForm
from invoicing.documents.address import address_lines
from invoicing.documents.girocode import girocode
from invoicing.documents.texts.wording import Wording

_IBAN_GROUP = 4
_SCHEMES = {"0002": "SIREN", "0009": "SIRET", "0060": "D-U-N-S", "0088": "GLN"}


def letterhead(
    seller: Seller | None, customer: Buyer | None, words: Wording, form: IssuedForm | None = None
) -> dict[str, Any]:
    """The sender, the window of the address and the foot of each page."""
    home = seller.address.country if seller else None
    company = seller if form is None or form.show_company else None
    ours = [seller.name, *address_lines(seller.address, home, words)] if seller else []
    theirs = (
        [*_named(customer), _attention(customer), *address_lines(customer.address, home, words)] if customer else []
    )
    return {
        "language": words.texts.language,
        "sender": seller.name if seller else "",
        "return_line": " · ".join(_present(ours)),
        "recipient": _present(theirs),
        "show_company": company is not None,
        "footer": [_present(column) for column in _footer(company, words)] if company else [],
        "legal": in_one_line(company.legal_information) if company else "",
        "accent": form.accent_color if form else None,
        "form_footer": (form.footer or "") if form else "",
        "page": words.label("page", page="{page}", pages="{pages}"),
        "carried_label": words.label("carried"),
        "brought_label": words.label("brought", page="{page}"),
        "code_label": words.label("girocode"),
    }


def in_one_line(text: str | None) -> str:
    """A text of several lines in one."""
    return " · ".join((text or "").split("\n"))


def closing_of(closing: str | None, seller: Seller | None, form: IssuedForm | None) -> str | None:
    """The text at the end of a letter, with the company's legal information where its form has no foot to show it."""
    without_foot = form is not None and not form.show_company
    legal = in_one_line(seller.legal_information) if seller and without_foot else None
    return "\n\n".join(text for text in (closing, legal) if text) or None


def account_rows(
    accounts: Iterable[BankAccount], holder: str, reference: str | None, words: Wording
) -> list[list[list[str]]]:
    """The rows of each bank account, and `holder` for those that name none. Several accounts have their labels."""
    every = list(accounts)
    return [[list(row) for row in _account(one, holder, reference, words, labeled=len(every) > 1)] for one in every]


def code_of(
    accounts: Iterable[BankAccount], holder: str, amount: Decimal, currency: str, reference: str | None
) -> str | None:
    """The code that a banking app scans to pay to the first account that accepts such a transfer."""
    codes = (girocode(account, holder, amount, currency, reference) for account in accounts)
    return next((code for code in codes if code), None)


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as ISO 13616 prints it."""
    return " ".join(iban[at : at + _IBAN_GROUP] for at in range(0, len(iban), _IBAN_GROUP))


def identified(id_: str | None, scheme: str | None) -> str:
    """An identifier with the name of its scheme (ISO 6523), or with the code of a scheme that few people know."""
    if not id_ or not scheme:
        return id_ or ""
    return f"{id_} ({_SCHEMES.get(scheme, scheme)})"


def _present(texts: Iterable[str | None]) -> list[str]:
    return [text for text in texts if text]


def _named(party: Seller | Buyer) -> list[str]:
    """The name of a party, with the name that it is known by below it."""
    return [party.name, *([party.trading_name] if party.trading_name else [])]


def _attention(customer: Buyer) -> str | None:
    """The person that a letter to a company is for."""
    if customer.type != "company":
        return None
    return " ".join(_present([customer.first_name, customer.last_name]))


def _account(
    account: BankAccount, holder: str, reference: str | None, words: Wording, *, labeled: bool
) -> Iterator[tuple[str, str]]:
    if labeled and account.name:
        yield words.label("bank"), account.name
    yield words.label("account"), account.account_holder or holder
    yield from _numbers(account, words)
    if reference:
        yield words.label("payment_reference"), reference


def _numbers(account: BankAccount, words: Wording) -> Iterator[tuple[str, str]]:
    """The account and its bank, each with its label."""
    name, bank = ("IBAN", "BIC") if account.iban else (words.label("account_number"), words.label("bank_code"))
    yield name, grouped(account.iban) if account.iban else account.number
    if account.bank:
        yield bank, account.bank


def _footer(seller: Seller, words: Wording) -> Iterator[list[str | None]]:
    contact, accounts = seller.contact or Contact(), seller.bank_accounts[:1]
    yield [*_named(seller), *address_lines(seller.address, seller.address.country, words)]
    yield [contact.name, contact.phone, contact.email]
    numbers = values_of(seller, ("vat_id", "tax_number", "legal_id"))
    yield [f"{words.label(name)} {number}" for name, number in numbers.items() if number]
    yield [" ".join(row) for one in accounts for row in _numbers(one, words)]
