"""The events of documents, as the timeline stores and the bus publishes them."""

from typing import ClassVar

from invoicing.core.activity import ActionKey
from invoicing.core.ids import BillingRunId
from invoicing.core.model import Amount, Day
from invoicing.invoices.event import InvoiceEvent


class InvoiceCreated(InvoiceEvent):
    """A draft was created."""

    name = "invoice.created"
    action_key: ClassVar[ActionKey] = "CREATE"

    copy_of: str | None = None
    """Identifier of the document that was copied; absent if there is none."""


class InvoiceCopied(InvoiceCreated):
    """A draft was created as a copy."""

    action_key = "COPY"


class CorrectionCreated(InvoiceCreated):
    """A corrected draft was created."""

    action_key = "CREATE_FROM_INVOICE"


class OrderedInvoiceCreated(InvoiceCreated):
    """A draft was created from an order."""

    action_key = "CREATE_FROM_OFFER"


class RecurringInvoiceCreated(InvoiceCreated):
    """A draft was created by the billing of a subscription."""

    action_key = "CREATE_FROM_RECURRING"


class InvoiceUpdated(InvoiceEvent):
    """A draft was updated, or a field that issued files do not show."""

    name = "invoice.updated"
    action_key = "EDIT"


class InvoiceDeleted(InvoiceEvent):
    """A draft was deleted."""

    name = "invoice.deleted"
    action_key = "EDIT"


class InvoiceFinalized(InvoiceEvent):
    """A document was issued and numbered. `send` requests an e-mail once it is rendered."""

    name = "invoice.finalized"
    action_key = "FINALIZE"

    number: str
    """Number of the document."""
    send: bool = False
    """Whether the document is mailed as soon as its files are rendered."""
    billing_run_id: BillingRunId | None = None
    """Identifier of the billing run that finalized the document; absent if none did."""


class InvoiceSent(InvoiceEvent):
    """The document reached the customer for the first time: e-mail accepted, link used, or read in the portal."""

    name = "invoice.sent"
    action_key = "STATUS"


class InvoiceOverdue(InvoiceEvent):
    """The due date has passed in the tenant's time zone and an amount is due. Published once."""

    name = "invoice.overdue"
    action_key = "STATUS"

    due_date: Day
    """Due date of the invoice."""
    due: Amount
    """Amount due."""


class InvoicePaid(InvoiceEvent):
    """Nothing is due any more."""

    name = "invoice.paid"
    action_key = "STATUS"


class InvoiceCanceled(InvoiceEvent):
    """The document was canceled: an invoice by a cancellation, a credit note or cancellation by itself."""

    name = "invoice.canceled"
    action_key = "CANCEL"

    cancellation_id: str | None = None
    """Identifier of the cancellation, `inv_` followed by a ULID."""
    number: str | None = None
    """Number of the document."""
    reason: str | None = None
    """Reason that was given."""


class InvoiceReactivated(InvoiceEvent):
    """A canceled or closed invoice was reactivated."""

    name = "invoice.reactivated"
    action_key = "REACTIVATE"


class InvoiceClosed(InvoiceEvent):
    """The invoice was closed; the amount due was written off or was credited before any payment."""

    name = "invoice.closed"
    action_key = "CLOSE"

    reason: str
    """Reason that was given."""


class RenderingRequested(InvoiceEvent):
    """The files of the document were requested again."""

    name = "document.rendering_requested"
    action_key: ClassVar[ActionKey] = "STATUS"


class DocumentRendered(InvoiceEvent):
    """A file of the document was rendered."""

    name = "document.rendered"
    action_key: ClassVar[ActionKey] = "STATUS"

    file: str
    """Kind of the file, `pdf` or `xml`."""
    sha256: str
    size: int
    document_id: str | None = None
    """Identifier of the reminder or dunning letter that the file belongs to; absent for files of the invoice itself."""
