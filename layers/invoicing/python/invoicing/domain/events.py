"""What happened, as the timeline keeps it and the bus tells it. Each event is declared once, here."""

from typing import TYPE_CHECKING, ClassVar, Self

from invoicing.domain.activity import ActionKey
from invoicing.domain.event import Event
from invoicing.domain.model import Amount, Day

if TYPE_CHECKING:
    from invoicing.domain.invoice import Invoice
    from invoicing.domain.payment import Payment


class InvoiceCreated(Event):
    """A draft was made, of nothing or as a copy of another document."""

    name = "invoice.created"
    action_key: ClassVar[ActionKey] = "CREATE"

    copy_of: str | None = None


class InvoiceCopied(InvoiceCreated):
    """A draft was made that says what another document says."""

    action_key = "COPY"


class CorrectionCreated(InvoiceCreated):
    """A draft was made that corrects an issued document."""

    action_key = "CREATE_FROM_INVOICE"


class OrderedInvoiceCreated(InvoiceCreated):
    """A draft was made of an order, which is an accepted offer."""

    action_key = "CREATE_FROM_OFFER"


class InvoiceUpdated(Event):
    """A draft was changed, or what no file of an issued document shows: internal note, payment method."""

    name = "invoice.updated"
    action_key = "EDIT"


class InvoiceDeleted(Event):
    """A draft was deleted."""

    name = "invoice.deleted"
    action_key = "EDIT"


class InvoiceFinalized(Event):
    """A document got its number and is issued. `send` says that it goes to the customer once it is rendered."""

    name = "invoice.finalized"
    action_key = "FINALIZE"

    number: str
    send: bool = False


class InvoiceSent(Event):
    """The document reached the customer for the first time: e-mail accepted, link used, or read in the portal."""

    name = "invoice.sent"
    action_key = "STATUS"


class InvoiceOverdue(Event):
    """The due date has passed, where the tenant keeps its books, and something is still due. Told once."""

    name = "invoice.overdue"
    action_key = "STATUS"

    due_date: Day
    due: Amount


class InvoicePaid(Event):
    """Nothing is due any more."""

    name = "invoice.paid"
    action_key = "STATUS"


class InvoiceCredited(Event):
    """A credit note took something off the invoice."""

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
    """A credit note that the customer never had was taken back."""

    name = "invoice.credit_voided"
    action_key = "CANCEL"

    credit_note_id: str
    number: str
    amount: Amount


class InvoiceCanceled(Event):
    """The document is void: an invoice by its cancellation, a credit note or cancellation by itself."""

    name = "invoice.canceled"
    action_key = "CANCEL"

    cancellation_id: str | None = None
    number: str | None = None
    reason: str | None = None


class InvoiceReactivated(Event):
    """A canceled or closed invoice counts again, under its number."""

    name = "invoice.reactivated"
    action_key = "REACTIVATE"


class InvoiceClosed(Event):
    """Nothing more is due: the rest is written off, or it was credited before anything was paid."""

    name = "invoice.closed"
    action_key = "CLOSE"

    reason: str


class PaymentDeleted(Event):
    """A payment or refund was taken back; it stays in the record."""

    name = "invoice.payment_deleted"
    action_key = "DELETE_PAYMENT"

    payment_id: str
    type: str
    amount: Amount
    currency: str
    reason: str


class PaymentRecorded(Event):
    """Money came in, or went back."""

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
    """Somebody wrote a comment."""

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
    """A comment was rewritten, shown to the customer or hidden, or pinned."""

    name = "invoice.comment_updated"
    action_key = "EDIT"

    activity_id: str


class CommentDeleted(Event):
    """A comment was taken away; its tombstone stays."""

    name = "invoice.comment_deleted"
    action_key = "EDIT"

    activity_id: str


class LinkCreated(Event):
    """Somebody made a link that opens a file of the document until it expires."""

    name = "invoice.link_created"
    action_key = "DOWNLOAD"

    link_id: str
    file: str
    expires_at: str


class LinkRevoked(Event):
    """A download link opens nothing any more."""

    name = "invoice.link_revoked"
    action_key = "DOWNLOAD"

    link_id: str


class LinkUsed(Event):
    """A file was downloaded through a link, for the first time in an hour; the address is cut to its network."""

    name = "invoice.downloaded"
    action_key = "DOWNLOAD"

    link_id: str
    file: str
    network: str | None


class DocumentRendered(Event):
    """A file of the document is there, or of a dunning document about it."""

    name = "document.rendered"
    action_key: ClassVar[ActionKey] = "STATUS"

    file: str
    sha256: str
    size: int
    document_id: str | None = None


class CustomerCreated(Event):
    """A customer was entered."""

    name = "customer.created"
    action_key = "CREATE"


class CustomerUpdated(Event):
    """A customer was changed."""

    name = "customer.updated"
    action_key = "EDIT"


class CustomerDeleted(Event):
    """A customer was deleted."""

    name = "customer.deleted"
    action_key = "EDIT"


class CustomerErased(Event):
    """A customer's personal data was removed. Issued documents keep theirs until their retention ends."""

    name = "customer.erased"
    action_key = "EDIT"


class OrderCreated(Event):
    """An order was entered."""

    name = "order.created"
    action_key = "CREATE"


class OrderUpdated(Event):
    """An order was changed."""

    name = "order.updated"
    action_key = "EDIT"


class OrderDeleted(Event):
    """An order was deleted."""

    name = "order.deleted"
    action_key = "EDIT"


class OrderInvoiced(Event):
    """An order has an invoice, as yet a draft perhaps."""

    name = "order.invoiced"
    action_key = "STATUS"

    invoice_id: str


class OrderFreed(Event):
    """An order's invoice was canceled, or its draft deleted: it can be invoiced again."""

    name = "order.freed"
    action_key = "STATUS"

    invoice_id: str


class OrderCanceled(Event):
    """An order was canceled; nothing will be invoiced for it."""

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
