"""Events about payments and credit."""

from typing import TYPE_CHECKING, Self

from invoicing.core.model import Amount, Day
from invoicing.invoices.event import InvoiceEvent

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice
    from invoicing.payments.model import Payment


class InvoiceCredited(InvoiceEvent):
    """A credit note was issued for the invoice."""

    name = "invoice.credited"
    action_key = "CREATE_CREDIT_NOTE"
    in_entry = frozenset({"text"})

    credit_note_id: str
    number: str
    """Number of the credit note."""
    amount: Amount
    """Amount of the credit note, payment or refund."""
    reason: str
    """Reason that was given."""
    text: str | None = None
    """Comment that was given with the credit."""

    @property
    def comment(self) -> str | None:
        """The comment that was given with the credit."""
        return self.text

    @classmethod
    def by(cls, note: "Invoice", reason: str, comment: str | None) -> Self:
        """The event of a credit note."""
        return cls(
            credit_note_id=note.id, number=note.number or "", amount=note.total, reason=reason, text=comment or None
        )


class CreditVoided(InvoiceEvent):
    """A credit note that was not sent was voided."""

    name = "invoice.credit_voided"
    action_key = "CANCEL"

    credit_note_id: str
    number: str
    """Number of the credit note."""
    amount: Amount
    """Amount of the credit note, payment or refund."""


class DepositDeductedBy(InvoiceEvent):
    """A final invoice that deducts the deposit invoice was issued."""

    name = "invoice.deposit_deducted"
    action_key = "STATUS"

    final_invoice_id: str
    """Identifier of the final invoice, `inv_` followed by a ULID."""
    number: str
    """Number of the final invoice."""


class DepositReleased(InvoiceEvent):
    """The final invoice was canceled, so another one can deduct the deposit invoice."""

    name = "invoice.deposit_released"
    action_key = "STATUS"

    final_invoice_id: str
    """Identifier of the canceled final invoice, `inv_` followed by a ULID."""


class PaymentDeleted(InvoiceEvent):
    """A payment or refund was reversed."""

    name = "invoice.payment_deleted"
    action_key = "DELETE_PAYMENT"

    payment_id: str
    type: str
    """Type of the payment: `payment` or `refund`."""
    amount: Amount
    """Amount of the credit note, payment or refund."""
    currency: str
    reason: str
    """Reason that was given."""


class PaymentRecorded(InvoiceEvent):
    """A payment or refund was recorded."""

    name = "invoice.payment_recorded"
    action_key = "PAYMENT"

    payment_id: str
    type: str
    """Type of the payment: `payment` or `refund`."""
    amount: Amount
    """Amount of the credit note, payment or refund."""
    currency: str
    date: Day
    """Date of the payment."""

    @classmethod
    def of(cls, payment: "Payment") -> Self:
        """The event of a payment."""
        return cls(
            payment_id=payment.id,
            type=payment.type,
            amount=payment.amount,
            currency=payment.currency,
            date=payment.date,
        )
