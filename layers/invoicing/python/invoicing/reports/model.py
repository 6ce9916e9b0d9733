"""Open items of a customer in one currency, with their age."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

from invoicing.core.currency import from_minor
from invoicing.core.ids import InvoiceId
from invoicing.core.model import Amount, CurrencyCode, Day, Value
from invoicing.invoices.lifecycle import DocumentType
from invoicing.payments.model import Paid
from invoicing.reports.balance import BalanceChange

MOST_ITEMS = 1_000
"""The most items that one row shows: about 300 KB."""


class Aging(Value):
    """The amounts due by the number of days since the due date. They add up to `due`."""

    not_overdue: Amount
    """Amount of invoices that are not overdue, or have no due date."""
    days_1_30: Amount
    """Amount that is overdue by 1 to 30 days."""
    days_31_60: Amount
    """Amount that is overdue by 31 to 60 days."""
    days_61_90: Amount
    """Amount that is overdue by 61 to 90 days."""
    over_90: Amount
    """Amount that is overdue by more than 90 days."""


_BOUNDS = {"not_overdue": 0, "days_1_30": 30, "days_31_60": 60, "days_61_90": 90}


class OpenItem(Value):
    """A document with an amount due, or owed to the customer."""

    invoice_id: InvoiceId
    """Identifier of the document."""
    type: DocumentType
    """Type of the document."""
    number: str | None
    """Number of the document."""
    issue_date: Day | None
    """Issue date of the document."""
    due_date: Day | None
    """Due date of the document; null for documents without one."""
    days_overdue: int
    """Days since the due date; zero if nothing is overdue."""
    due: Amount
    """Amount due."""
    refund_due: Amount
    """Amount owed to the customer: a credit that is not used yet, or the rest of a self-billed invoice."""
    dunning_level: int
    """Dunning level that the invoice has reached; zero if it was never dunned."""

    @classmethod
    def of(cls, last: BalanceChange, as_of: date, nothing: Decimal) -> "OpenItem":
        """The item of a document whose last change is this one."""
        balance = last.after
        due, refund_due = balance.due, balance.refund_due
        if last.self_billed:
            due, refund_due = refund_due, due
        late = (as_of - last.due_date).days if last.due_date and due else 0
        return cls(
            invoice_id=last.document_id,
            type=last.type,
            number=last.number,
            issue_date=last.issue_date,
            due_date=last.due_date,
            days_overdue=max(late, 0),
            due=nothing + due,
            refund_due=nothing + refund_due,
            dunning_level=balance.dunning_level,
        )


class OpenItems(Value):
    """The open items of a customer in one currency. Amounts of different currencies are never added."""

    object: Literal["open_items"] = "open_items"
    """Name of the object's type: `open_items`."""
    as_of: Day
    """Date at whose end the items were open, in the tenant's time zone."""
    customer_id: str | None
    """Identifier of the customer, `cus_` followed by a ULID; null for all buyers that are not stored customers."""
    customer_name: str | None
    """Present name of the customer; null for buyers that are not stored customers."""
    currency: CurrencyCode
    """Currency of the amounts."""
    count: int
    """Number of open documents."""
    due: Amount
    """Amount due on these documents."""
    aging: Aging
    """Amount due by its age."""
    refund_due: Amount
    """Amount owed to the customer: credits that are not used yet, and self-billed invoices."""
    balance: Amount
    """`due` - `refund_due`; negative if more is owed to the customer."""
    dunning_level: int
    """Highest dunning level of the documents; zero if none was dunned."""
    last_payment: Paid | None
    """Last payment of the customer in this currency until then, on any document; null if there is none. For buyers that
    are not stored customers it is the last one on their open documents."""
    items: tuple[OpenItem, ...] | None = None
    """The documents, those that were due first before the others, at most 1,000; null without `customer_id`."""


def open_items(last: Iterable[BalanceChange], as_of: date, *, currency: str, listed: bool) -> OpenItems | None:
    """The open items among the documents of one customer and currency, by the last change of each; None without any."""
    found = [one for one in last if one.after.is_open]
    if not found:
        return None
    nothing = from_minor(0, currency)
    items = sorted((OpenItem.of(one, as_of, nothing) for one in found), key=lambda one: (_first_due(one), one.number))
    due, refund_due = (sum((getattr(one, name) for one in items), nothing) for name in ("due", "refund_due"))
    payments = (one.after.last_payment for one in found if one.after.last_payment)
    return OpenItems(
        as_of=as_of,
        customer_id=found[0].customer_id,
        customer_name=None,
        currency=currency,
        count=len(items),
        due=due,
        aging=_aging(items, nothing),
        refund_due=refund_due,
        balance=due - refund_due,
        dunning_level=max(one.dunning_level for one in items),
        last_payment=max(payments, key=lambda paid: (paid.date, paid.id), default=None),
        items=tuple(items[:MOST_ITEMS]) if listed else None,
    )


def _first_due(item: OpenItem) -> date:
    return item.due_date or date.max


def _aging(items: Iterable[OpenItem], nothing: Decimal) -> Aging:
    sums = dict.fromkeys((*_BOUNDS, "over_90"), nothing)
    for one in items:
        name = next((name for name, days in _BOUNDS.items() if one.days_overdue <= days), "over_90")
        sums[name] += one.due
    return Aging(**sums)
