"""The parts that all letters share: sender, recipient and bank accounts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from invoicing.documents.address import address_lines
from invoicing.documents.girocode import girocode
from invoicing.documents.texts.wording import Wording

type Json = Mapping[str, Any]

_IBAN_GROUP = 4


def letterhead(seller: Json, customer: Json, words: Wording) -> dict[str, Any]:
    """The sender, the window of the address and the foot of each page."""
    home = (seller.get("address") or {}).get("country")
    ours = [seller.get("name"), *address_lines(seller.get("address"), home, words)]
    theirs = [customer.get("name"), _attention(customer), *address_lines(customer.get("address"), home, words)]
    return {
        "language": words.texts.language,
        "sender": seller.get("name", ""),
        "return_line": " · ".join(_present(ours)),
        "recipient": _present(theirs),
        "footer": [_present(column) for column in _footer(seller, home, words)],
        "page": words.label("page", page="{page}", pages="{pages}"),
        "carried_label": words.label("carried"),
        "brought_label": words.label("brought", page="{page}"),
        "code_label": words.label("girocode"),
    }


def account_rows(
    accounts: Iterable[Json], seller: Json, reference: str | None, words: Wording
) -> list[list[list[str]]]:
    """The rows of each bank account. Several accounts are distinguished by their labels."""
    every = list(accounts)
    return [[list(row) for row in _account(one, seller, reference, words, labeled=len(every) > 1)] for one in every]


def code_of(accounts: Iterable[Json], seller: Json, amount: str, currency: str, reference: str | None) -> str | None:
    """The code that a banking app scans to pay to the first account that accepts such a transfer."""
    codes = (girocode(account, seller, amount, currency, reference) for account in accounts)
    return next((code for code in codes if code), None)


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as ISO 13616 prints it."""
    return " ".join(iban[at : at + _IBAN_GROUP] for at in range(0, len(iban), _IBAN_GROUP))


def _present(texts: Iterable[str | None]) -> list[str]:
    return [text for text in texts if text]


def _attention(customer: Json) -> str | None:
    """The person that a letter to a company is for."""
    if customer.get("type") != "company":
        return None
    return " ".join(_present([customer.get("first_name"), customer.get("last_name")]))


def _account(
    account: Json, seller: Json, reference: str | None, words: Wording, *, labeled: bool
) -> Iterator[tuple[str, str]]:
    if labeled and account["name"]:
        yield words.label("bank"), account["name"]
    yield words.label("account"), account["account_holder"] or seller["name"]
    yield from _numbers(account, words)
    if reference:
        yield words.label("payment_reference"), reference


def _numbers(account: Json, words: Wording) -> Iterator[tuple[str, str]]:
    """The account and its bank, each with its label."""
    if account["iban"]:
        yield "IBAN", grouped(account["iban"])
        if account["bic"]:
            yield "BIC", account["bic"]
    else:
        yield words.label("account_number"), account["account_number"]
        if account["bank_code"]:
            yield words.label("bank_code"), account["bank_code"]


def _footer(seller: Json, home: str | None, words: Wording) -> Iterator[list[str | None]]:
    contact: Json = seller.get("contact") or {}
    account: Json = next(iter(seller.get("bank_accounts") or ()), {})
    yield [seller.get("name"), *address_lines(seller.get("address"), home, words)]
    yield [contact.get("name"), contact.get("phone"), contact.get("email")]
    yield [
        f"{words.label(field)} {seller[field]}" for field in ("vat_id", "tax_number", "legal_id") if seller.get(field)
    ]
    yield [" ".join(row) for row in _numbers(account, words)] if account else []
