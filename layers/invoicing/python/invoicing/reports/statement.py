"""The statement of a customer's account: each change of its balance in order, by currency."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from invoicing.core.currency import from_minor
from invoicing.core.ids import InvoiceId
from invoicing.core.model import Amount, CurrencyCode, Day, Instant, Value, local_date
from invoicing.invoices.lifecycle import DocumentType
from invoicing.reports.balance import Balance, BalanceChange, as_of

EntryType = Literal["document", "payment", "cash_discount", "credit", "write_off"]
"""One of `document`, `payment`, `cash_discount`, `credit` or `write_off`."""


class StatementEntry(Value):
    """A change of the balance."""

    date: Day
    """Date on which the change was recorded, in the tenant's time zone."""
    recorded_at: Instant
    """When the change was recorded."""
    type: EntryType
    """Reason for the change.

    `document`: a document was issued or its prepaid amount changed. `payment`: a payment, a refund, a reversal, or the
    settlement or voiding of a credit note without an invoice. `credit`: a credit note or cancellation of an invoice, or
    its voiding.
    """
    invoice_id: InvoiceId
    """Identifier of the document whose balance changed."""
    document_type: DocumentType
    """Type of the document."""
    number: str | None
    """Number of the document."""
    amount: Amount
    """Change of the balance: above zero if the customer owes more."""
    balance: Amount
    """Balance of the account after the change."""


class Account(Value):
    """The account of a customer in one currency. A balance above zero is owed by the customer, below zero to it."""

    currency: CurrencyCode
    """Currency of the amounts."""
    opening_balance: Amount
    """Balance at the beginning of the first day."""
    entries: tuple[StatementEntry, ...]
    """Changes of the balance, in the order in which they were recorded."""
    closing_balance: Amount
    """Balance at the end of the last day."""


class Statement(Value):
    """The statement of a customer's account."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    object: Literal["statement"] = "statement"
    """Name of the object's type: `statement`."""
    customer_id: str
    """Identifier of the customer: `cus_` followed by a ULID."""
    customer_name: str
    """Present name of the customer."""
    first: Annotated[Day, Field(alias="from")]
    """First day of the statement."""
    last: Annotated[Day, Field(alias="to")]
    """Last day of the statement."""
    accounts: tuple[Account, ...]
    """Accounts with a balance or a change, by currency."""


def accounts(
    last: Iterable[BalanceChange], since: Iterable[BalanceChange], end: datetime, time_zone: str
) -> Iterator[Account]:
    """The accounts of a customer, from the last changes of its open documents and all changes since the first day."""
    read = [*((one, True) for one in last), *((one, False) for one in since)]
    # Changes of earlier code do not state it.
    self_billed = {one.document_id for one, _ in read if one.self_billed}
    by_currency = sorted(
        ((one.model_copy(update={"self_billed": one.document_id in self_billed}), is_last) for one, is_last in read),
        key=_currency,
    )
    for currency, some in groupby(by_currency, key=_currency):
        group = list(some)
        changes = [one for one, is_last in group if not is_last]
        opening = sum(
            (_owed(one, one.after) for one in as_of((one for one, is_last in group if is_last), changes)),
            from_minor(0, currency),
        )
        within = sorted((one for one in changes if one.at < end), key=lambda one: (one.at, one.id))
        entries = tuple(_entries(within, opening, time_zone))
        closing = entries[-1].balance if entries else opening
        if entries or opening:
            yield Account(currency=currency, opening_balance=opening, entries=entries, closing_balance=closing)


def _currency(read: tuple[BalanceChange, bool]) -> str:
    return read[0].currency


def _owed(change: BalanceChange, balance: Balance) -> Decimal:
    owed = balance.due - balance.refund_due
    return -owed if change.self_billed else owed


def _entries(changes: Iterable[BalanceChange], balance: Decimal, time_zone: str) -> Iterator[StatementEntry]:
    for change in changes:
        for type_, amount in _parts(change):
            balance += amount
            yield StatementEntry(
                date=local_date(change.at, time_zone),
                recorded_at=change.at,
                type=type_,
                invoice_id=change.document_id,
                document_type=change.type,
                number=change.number,
                amount=amount,
                balance=balance,
            )


def _parts(change: BalanceChange) -> list[tuple[EntryType, Decimal]]:
    """The parts of a change by their reason.

    A credit note or cancellation that belongs to an invoice is credited there, so only the rest counts as its own.
    """
    before, after = change.before, change.after
    if change.type != "invoice":
        whole = _owed(change, after) - _owed(change, before)
        return [("payment" if before.payable else "document", whole)] if whole else []
    parts: list[tuple[EntryType, Decimal]] = [
        ("document", after.payable - before.payable),
        ("credit", before.credited - after.credited),
        ("payment", before.paid - after.paid),
        ("cash_discount", before.cash_discount_taken - after.cash_discount_taken),
        ("write_off", before.written_off - after.written_off),
    ]
    return [(type_, -amount if change.self_billed else amount) for type_, amount in parts if amount]
