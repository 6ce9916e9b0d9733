"""The content of a statement of account, in the language of its customer."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from invoicing.core.party import Buyer, Seller
from invoicing.document_forms.design import IssuedForm
from invoicing.documents.letterhead import closing_of, letterhead
from invoicing.documents.texts.wording import Wording
from invoicing.reports.statement import Account, Statement, StatementEntry

_DASH = "\u2013"
_NAMES = {
    "payment": "entry_payment",
    "cash_discount": "entry_cash_discount",
    "credit": "entry_credit",
    "write_off": "entry_write_off",
}


class Correspondence(NamedTuple):
    """The parties of a letter, its language and form, and its date."""

    seller: Seller
    customer: Buyer
    language: str
    form: IssuedForm | None
    day: date


def statement_letter(statement: Statement, between: Correspondence) -> dict[str, Any]:
    """The letter as it is printed, with a table for each currency."""
    words = Wording.of(between.language)
    period = f"{words.date(statement.first)} {_DASH} {words.date(statement.last)}"
    return {
        **letterhead(between.seller, between.customer, words, between.form),
        "title": words.label("statement"),
        "watermark": None,
        "facts": [
            [words.label("issue_date"), words.date(between.day)],
            [words.label("statement_period"), period],
        ],
        "empty": None if statement.accounts else words.label("statement_empty"),
        "accounts": [
            _account(one, statement, words, several=len(statement.accounts) > 1) for one in statement.accounts
        ],
        "closing": closing_of(None, between.seller, between.form),
        "payment": None,
    }


def _account(account: Account, statement: Statement, words: Wording, *, several: bool) -> dict[str, Any]:
    currency = account.currency
    total = "balance_owed" if account.closing_balance < 0 else "balance_due" if account.closing_balance else "balance"
    return {
        "title": words.label("account_in", currency=currency) if several else None,
        "columns": [words.label(name) for name in ("issue_date", "description", "amount_of_entry", "balance")],
        "rows": list(_rows(account, statement, words)),
        "total": [words.label(total), words.money(abs(account.closing_balance), currency)],
    }


def _rows(account: Account, statement: Statement, words: Wording) -> Iterator[list[str]]:
    def row(day: date, text: str, amount: Decimal | None, balance: Decimal) -> list[str]:
        shown = "" if amount is None else words.amount(amount)
        return [words.date(day), text, shown, words.amount(balance)]

    yield row(statement.first, words.label("opening_balance"), None, account.opening_balance)
    for entry in account.entries:
        yield row(entry.date, _text(entry, words), entry.amount, entry.balance)
    yield row(statement.last, words.label("closing_balance"), None, account.closing_balance)


def _text(entry: StatementEntry, words: Wording) -> str:
    """The reason of a change, with the number of its document."""
    number = entry.number or entry.invoice_id
    if entry.type == "document":
        return words.label("entry_document", document=words.label(entry.document_type), number=number)
    if entry.type == "payment" and entry.amount > 0:
        return words.label("entry_refund", number=number)
    return words.label(_NAMES[entry.type], number=number)
