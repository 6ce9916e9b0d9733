"""What happened, as the timeline keeps it and the bus tells it. Each event is declared once, here."""

from typing import TYPE_CHECKING, ClassVar, Self

from invoicing.domain.activity import ActionKey
from invoicing.domain.event import Event
from invoicing.domain.model import Amount, Day

if TYPE_CHECKING:
    from invoicing.domain.invoice import Invoice
    from invoicing.domain.payment import Payment


class InvoiceCreated(Event):
    """A draft was created."""

    name = "invoice.created"
    action_key: ClassVar[ActionKey] = "CREATE"

    copy_of: str | None = None


class InvoiceCopied(InvoiceCreated):
    """A draft was created as a copy."""

    action_key = "COPY"


class CorrectionCreated(InvoiceCreated):
    """A corrected draft was created."""

    action_key = "CREATE_FROM_INVOICE"


class OrderedInvoiceCreated(InvoiceCreated):
    """A draft was created from an order."""

    action_key = "CREATE_FROM_OFFER"


class InvoiceUpdated(Event):
    """A draft was updated, or a field that issued files do not show."""

    name = "invoice.updated"
    action_key = "EDIT"


class InvoiceDeleted(Event):
    """A draft was deleted."""

    name = "invoice.deleted"
    action_key = "EDIT"


class InvoiceFinalized(Event):
    """A document was issued and numbered. `send` requests an e-mail once it is rendered."""

    name = "invoice.finalized"
    action_key = "FINALIZE"

    number: str
    send: bool = False


class InvoiceSent(Event):
    """The document reached the customer for the first time: e-mail accepted, link used, or read in the portal."""

    name = "invoice.sent"
    action_key = "STATUS"


class InvoiceOverdue(Event):
    """The due date has passed in the tenant's time zone and an amount is due. Published once."""

    name = "invoice.overdue"
    action_key = "STATUS"

    due_date: Day
    due: Amount


class InvoicePaid(Event):
    """Nothing is due any more."""

    name = "invoice.paid"
    action_key = "STATUS"


class InvoiceCredited(Event):
    """A credit note was issued for the invoice."""

    name = "invoice.credited"
    action_key = "CREATE_CREDIT_NOTE"
    in_entry = frozenset({"text"})

    credit_note_id: str
    number: str
    amount: Amount
    reason: str
    text: str | None = None

    @property
    def comment(self) -> str | None:
        """What was said about it."""
        return self.text

    @classmethod
    def by(cls, note: "Invoice", reason: str, comment: str | None) -> Self:
        """The event of a credit note."""
        return cls(
            credit_note_id=note.id, number=note.number or "", amount=note.total, reason=reason, text=comment or None
        )


class CreditVoided(Event):
    """A credit note that was not sent was voided."""

    name = "invoice.credit_voided"
    action_key = "CANCEL"

    credit_note_id: str
    number: str
    amount: Amount


class InvoiceCanceled(Event):
    """The document was canceled: an invoice by a cancellation, a credit note or cancellation by itself."""

    name = "invoice.canceled"
    action_key = "CANCEL"

    cancellation_id: str | None = None
    number: str | None = None
    reason: str | None = None


class InvoiceReactivated(Event):
    """A canceled or closed invoice was reactivated."""

    name = "invoice.reactivated"
    action_key = "REACTIVATE"


class InvoiceClosed(Event):
    """The invoice was closed; the amount due was written off or was credited before any payment."""

    name = "invoice.closed"
    action_key = "CLOSE"

    reason: str


class PaymentDeleted(Event):
    """A payment or refund was reversed."""

    name = "invoice.payment_deleted"
    action_key = "DELETE_PAYMENT"

    payment_id: str
    type: str
    amount: Amount
    currency: str
    reason: str


class PaymentRecorded(Event):
    """A payment or refund was recorded."""

    name = "invoice.payment_recorded"
    action_key = "PAYMENT"

    payment_id: str
    type: str
    amount: Amount
    currency: str
    date: Day

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


class InvoiceCommented(Event):
    """A comment was added."""

    name = "invoice.commented"
    action_key = "COMMENT"
    in_entry = frozenset({"text", "public", "pinned"})

    text: str
    public: bool = False
    pinned: bool = False

    @property
    def comment(self) -> str | None:
        """What a person wrote."""
        return self.text


class CommentUpdated(Event):
    """A comment or its visibility was updated."""

    name = "invoice.comment_updated"
    action_key = "EDIT"

    activity_id: str


class CommentDeleted(Event):
    """A comment was deleted."""

    name = "invoice.comment_deleted"
    action_key = "EDIT"

    activity_id: str


class LinkCreated(Event):
    """A download link was created."""

    name = "invoice.link_created"
    action_key = "DOWNLOAD"

    link_id: str
    file: str
    expires_at: str


class LinkRevoked(Event):
    """A download link was revoked."""

    name = "invoice.link_revoked"
    action_key = "DOWNLOAD"

    link_id: str


class LinkUsed(Event):
    """A file was downloaded through a link; recorded once an hour, with the network part of the IP address."""

    name = "invoice.downloaded"
    action_key = "DOWNLOAD"

    link_id: str
    file: str
    network: str | None


class RenderingRequested(Event):
    """The files of the document were requested again."""

    name = "document.rendering_requested"
    action_key: ClassVar[ActionKey] = "STATUS"


class DocumentRendered(Event):
    """A file of the document was rendered."""

    name = "document.rendered"
    action_key: ClassVar[ActionKey] = "STATUS"

    file: str
    sha256: str
    size: int
    document_id: str | None = None


class CustomerCreated(Event):
    """A customer was created."""

    name = "customer.created"
    action_key = "CREATE"


class CustomerUpdated(Event):
    """A customer was updated."""

    name = "customer.updated"
    action_key = "EDIT"


class CustomerDeleted(Event):
    """A customer was deleted."""

    name = "customer.deleted"
    action_key = "EDIT"


class CustomerErased(Event):
    """The personal data of a customer was erased."""

    name = "customer.erased"
    action_key = "EDIT"


class OrderCreated(Event):
    """An order was created."""

    name = "order.created"
    action_key = "CREATE"


class OrderUpdated(Event):
    """An order was updated."""

    name = "order.updated"
    action_key = "EDIT"


class OrderDeleted(Event):
    """An order was deleted."""

    name = "order.deleted"
    action_key = "EDIT"


class OrderInvoiced(Event):
    """A draft invoice was created for an order."""

    name = "order.invoiced"
    action_key = "STATUS"

    invoice_id: str


class OrderFreed(Event):
    """The invoice of an order was canceled or its draft deleted; the order can be invoiced again."""

    name = "order.freed"
    action_key = "STATUS"

    invoice_id: str


class OrderCanceled(Event):
    """An order was canceled."""

    name = "order.canceled"
    action_key = "CANCEL"


def all_events() -> tuple[type[Event], ...]:
    """Every event there is, by name. Those of other nouns than documents stand with their noun."""
    from invoicing.domain import (  # noqa: F401 — by being imported
        dunning_document_events,
        dunning_events,
        mail_events,
        note_events,
        tenant,
        test_clock,
        user,
    )

    return tuple(sorted(Event.__subclasses__(), key=lambda event: event.name))
