"""The balance of an issued document, and the change of it that one commit made.

A change has the balance before and after it. So the balance at any past moment is the one after the last change until
then, or the one before the first change since then: no change has to be found together with all earlier ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Self

from invoicing.core.activity import Activity
from invoicing.core.ids import twin
from invoicing.core.model import Amount, CurrencyCode, Day, Instant, Value
from invoicing.invoices.lifecycle import CloseReason, DocumentType, Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.self_billing import is_self_billed
from invoicing.payments.model import Paid
from invoicing.pricing.payable import payable
from invoicing.settlement.events import PaymentRecorded

IN_ENTRY = "balance"
"""The attribute of a timeline's entry with the change of the balance that its commit made."""
_NOTHING = Decimal(0)
_ELSEWHERE: Final[CloseReason] = "settled_elsewhere"


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
    issued: bool = True
    """Whether the document is issued: drafts have no amounts, and a document can be issued with amounts of zero."""
    void: bool = False
    """Whether it is a credit note or cancellation that no longer counts."""
    settled_elsewhere: Amount = _NOTHING
    """Part of `written_off` that was paid in a way that is not recorded here, so it is no loss."""
    deposits_released: Amount = _NOTHING
    """Deposits that another invoice can deduct, since this one was canceled."""

    @classmethod
    def of(cls, document: InvoiceSummary | None) -> Self:
        """The balance of a document. Nothing is open on a draft, or before there is a document."""
        if document is None or document.status is Status.DRAFT:
            return cls(issued=False)
        elsewhere = document.close_reason == _ELSEWHERE
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
            void=document.type != "invoice" and document.status is Status.CANCELED,
            settled_elsewhere=document.written_off if elsewhere else _NOTHING,
            deposits_released=document.deposits_released or _NOTHING,
        )

    @property
    def is_open(self) -> bool:
        """Whether an amount is due, or owed to the customer."""
        return bool(self.due or self.refund_due)


NOT_ISSUED = Balance(issued=False)
"""The balance before a document was issued."""


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
    payment_date: Day | None = None
    """Date of the payment or refund that made the change."""
    credit_id: str | None = None
    """Id of the credit note or cancellation whose amounts were credited, or are credited no longer."""
    self_billed: bool = False
    """Whether the customer is the seller, so that the tenant owes the amount due."""
    before: Balance = NOT_ISSUED
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
    before: InvoiceSummary | None, after: InvoiceSummary, entries: Sequence[Activity], revision: int
) -> BalanceChange | None:
    """The change of a balance by a commit with these entries about the document; None if it did not change.

    The change has the ULID of the last entry, as the event of that.
    """
    was, now = Balance.of(before), Balance.of(after)
    if was == now:
        return None
    last = entries[-1]
    change = change_between(was, now, after, id_=twin("evt", last.id), at=last.created_at, revision=revision)
    stated = {name: value for entry in entries for name, value in entry.metadata.items()}
    paid_on = next((entry.metadata["date"] for entry in entries if entry.type == PaymentRecorded.entry_type()), None)
    return change.model_copy(
        update={"payment_date": paid_on and date.fromisoformat(paid_on), "credit_id": _credit_id(before, after, stated)}
    )


def _credit_id(before: InvoiceSummary | None, after: InvoiceSummary, stated: Mapping[str, Any]) -> str | None:
    canceled_by = before.cancellation_id if before else None
    if canceled_by != after.cancellation_id:
        return after.cancellation_id or canceled_by
    return stated.get("credit_note_id")


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
        self_billed=is_self_billed(document),
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
