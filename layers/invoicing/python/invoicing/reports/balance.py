"""The balance of an issued document, and the change of it that one commit made.

A change has the balance before and after it. So the balance at any past moment is the one after the last change until
then, or the one before the first change since then: no change has to be found together with all earlier ones.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Self

from invoicing.core.ids import twin
from invoicing.core.model import Amount, CurrencyCode, Day, Instant, Value
from invoicing.invoices.lifecycle import DocumentType, Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.model import Paid
from invoicing.pricing.payable import payable

IN_ENTRY = "balance"
"""The attribute of a timeline's entry with the change of the balance that its commit made."""
_NOTHING = Decimal(0)


class Balance(Value):
    """The amounts that are settled and open on a document, with its dunning level. Amounts of zero are not stored.

    `payable + refund_due = paid + cash_discount_taken + credited + written_off + due`.
    """

    payable: Amount = _NOTHING
    paid: Amount = _NOTHING
    credited: Amount = _NOTHING
    cash_discount_taken: Amount = _NOTHING
    written_off: Amount = _NOTHING
    due: Amount = _NOTHING
    refund_due: Amount = _NOTHING
    dunning_level: int = 0
    last_payment: Paid | None = None

    @classmethod
    def of(cls, document: InvoiceSummary | None) -> Self:
        """The balance of a document. Nothing is open on a draft, or before there is a document."""
        if document is None or document.status is Status.DRAFT:
            return cls()
        return cls(
            payable=payable(document),
            paid=document.paid,
            credited=document.credited,
            cash_discount_taken=document.cash_discount_taken,
            written_off=document.written_off,
            due=document.due,
            refund_due=document.refund_due,
            dunning_level=document.dunning_so_far.level,
            last_payment=document.last_payment,
        )

    @property
    def is_open(self) -> bool:
        """Whether an amount is due, or owed to the customer."""
        return bool(self.due or self.refund_due)


class BalanceChange(Value):
    """The change of a document's balance by one commit. It has no personal data, so it stays after an erasure."""

    id: str
    """Id of the event that announced it."""
    at: Instant
    revision: int
    """Order of the changes of one document: clocks of different workers may differ."""
    document_id: str
    type: DocumentType = "invoice"
    number: str | None = None
    customer_id: str | None = None
    currency: CurrencyCode
    issue_date: Day | None = None
    due_date: Day | None = None
    before: Balance = Balance()
    after: Balance = Balance()

    @property
    def group(self) -> str:
        """The customer and currency whose amounts can be added. Buyers that are not stored customers are one group."""
        return f"{self.customer_id or '-'}#{self.currency}"

    @property
    def stored(self) -> str:
        """The change as it is stored, without zero amounts."""
        return self.model_dump_json(exclude_defaults=True)


def change_of(
    before: InvoiceSummary | None, after: InvoiceSummary, *, entry_id: str, at: datetime, revision: int
) -> BalanceChange | None:
    """The change of a balance; None if it did not change. The timeline's entry has the same ULID as its event."""
    was, now = Balance.of(before), Balance.of(after)
    if was == now:
        return None
    return change_between(was, now, after, id_=twin("evt", entry_id), at=at, revision=revision)


def change_between(
    before: Balance, after: Balance, document: InvoiceSummary, *, id_: str, at: datetime, revision: int
) -> BalanceChange:
    """The change of a document's balance from one to another."""
    return BalanceChange(
        id=id_,
        at=at,
        revision=revision,
        document_id=document.id,
        type=document.type,
        number=document.number,
        customer_id=document.customer_id,
        currency=document.currency,
        issue_date=document.issue_date,
        due_date=document.due_date,
        before=before,
        after=after,
    )


def as_of(last: Iterable[BalanceChange], since: Iterable[BalanceChange]) -> list[BalanceChange]:
    """The documents of the last changes as they were before all changes since some moment.

    Each is a change that ends with the balance at that moment. The changes can come in any order and more than once.
    """
    found = {one.document_id: one for one in last}
    first: dict[str, BalanceChange] = {}
    for one in since:
        known = first.get(one.document_id)
        if known is None or one.revision < known.revision:
            first[one.document_id] = one
    for id_, one in first.items():
        found[id_] = one.model_copy(update={"after": one.before})
    return list(found.values())
