"""Requests about invoices."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.price_line import NewOrPriceLine
from invoicing.core.einvoice import DocumentNotes, XmlFormat
from invoicing.core.ids import CustomerId, OrderId
from invoicing.core.model import CurrencyCode, Day, Instant, LongText, Model, PrintedText, ShortText, Value, values_of
from invoicing.core.page import ListQuery
from invoicing.invoices.drafts.model import MAX_LINES
from invoicing.invoices.drafts.supporting import AttachmentReferences, SupportingDocuments
from invoicing.invoices.fields import Origin, PaymentStatus
from invoicing.invoices.lifecycle import CloseReason, DocumentType, Status
from invoicing.payments.model import Card, Mandate, MeansCode, Method, PaymentInstructions


class AddLines(Value):
    """Lines to add at the end of a draft."""

    lines: Annotated[tuple[NewOrPriceLine, ...], Field(min_length=1, max_length=MAX_LINES)]
    """Lines to add, 1 to 1,000. A document has at most 1,000 lines.

    A line can name a price of the catalogue in place of a price of its own.
    """


class SetNote(Value):
    """Texts of a document.

    Texts that are omitted do not change; null or an empty text removes one. At least one is required.
    """

    note: PrintedText | None = None
    """Text below the lines; on drafts only."""
    introduction: PrintedText | None = None
    """Text above the lines; on drafts only."""
    closing: PrintedText | None = None
    """Text at the end of the document; on drafts only."""
    internal_note: Annotated[LongText | None, Field(examples=["Ask for Ms Berg"])] = None
    """Note for the tenant's own users; it can be changed at any time."""

    @model_validator(mode="after")
    def _has_a_text(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("note", "At least one of the texts is required")
        return self

    @property
    def texts(self) -> dict[str, str | None]:
        """The given texts."""
        return {name: getattr(self, name) or None for name in sorted(self.model_fields_set)}


class SetPaymentMethod(Value):
    """How the customer is asked to pay."""

    method: Annotated[Method, Field(examples=["bank_transfer"])]
    """Payment method."""
    bank_account_id: ShortText | None = None
    """Identifier of the tenant's bank account, for the method `bank_transfer`."""
    mandate: Mandate | None = None
    """SEPA direct debit mandate, which the method `sepa_direct_debit` requires."""
    card: Card | None = None
    """Card, for the method `card`."""
    payment_means_code: MeansCode | None = None
    """Code of the payment means (EN 16931 BT-81), one that fits the method; its usual code by default."""
    payment_means_text: ShortText | None = None
    """Payment means in words (EN 16931 BT-82)."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.bank_account_id is not None and self.method != "bank_transfer":
            raise PydanticCustomError("bank_account", "bank_account_id requires the method bank_transfer (BT-84)")
        if (self.mandate is not None) != (self.method == "sepa_direct_debit"):
            raise PydanticCustomError(
                "mandate", "mandate is required with sepa_direct_debit and not allowed with other methods (BT-89)"
            )
        if self.card is not None and self.method != "card":
            raise PydanticCustomError("card", "Allowed with the method card only (BT-87)")
        return self

    @property
    def instructions(self) -> PaymentInstructions:
        """The payment details in the form of documents."""
        given = values_of(self, PaymentInstructions.model_fields.keys() - {"payment_method"})
        return PaymentInstructions(payment_method=self.method, **given)


class CancelInvoice(Value):
    """The reason for a cancellation, its notes, and the documents and files that support it."""

    reason: ShortText | None = None
    """Reason for the timeline; the customer does not see it."""
    notes: DocumentNotes = ()
    """Notes on the cancellation, at most 20 (EN 16931 BG-1).

    In France it has those of the invoice too, except for the subjects that are stated here.
    """
    supporting_documents: SupportingDocuments = ()
    """Documents that the cancellation names, at most 50 (EN 16931 BG-24), such as the Greek MARK in Peppol."""
    attachments: AttachmentReferences = ()
    """Files of the invoice's notes that the cancellation contains, at most 20 with 10 MB together (EN 16931 BG-24)."""


class CloseInvoice(Value):
    """The reason for closing an invoice."""

    reason: CloseReason
    """Reason why nothing more is expected."""


class SetStatus(Value):
    """The new status of an invoice."""

    status: Literal["paid", "void", "uncollectible"]
    """New status: `paid` records a payment of the amount due, `void` cancels the invoice, `uncollectible` closes it."""


class XmlQuery(Model):
    """The format of the e-invoice."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    format: XmlFormat | None = None
    """Format of the XML; by default the one that the document was issued in, else ZUGFeRD."""


class FinalizeInvoice(Value):
    """Options for issuing a draft."""

    issue_date: Day | None = None
    """Issue date, in place of the draft's. It cannot be in the future."""
    due_date: Day | None = None
    """Due date, in place of the draft's."""
    send: bool = False
    """Whether to mail the document as soon as its files are rendered."""


class InvoiceQuery(ListQuery):
    """Filters for documents; an entry matches all that are given."""

    status: Status | None = None
    """Documents with this status."""
    payment_status: PaymentStatus | None = None
    """Documents with this payment status."""
    type: DocumentType | None = None
    """Documents of this type."""
    customer_id: CustomerId | None = None
    order_id: OrderId | None = None
    """Documents that invoice this order."""
    number: ShortText | None = None
    """Document with exactly this number."""
    external_id: ShortText | None = None
    currency: CurrencyCode | None = None
    """Documents in this currency."""
    overdue: bool | None = None
    """`true` for overdue invoices only, `false` for all others."""
    origin: Origin | None = None
    """Documents that were created in this way."""
    issued_from: Day | None = None
    """Documents issued on this date or later."""
    issued_to: Day | None = None
    """Documents issued on this date or earlier."""
    due_from: Day | None = None
    """Documents due on this date or later."""
    due_to: Day | None = None
    """Documents due on this date or earlier."""
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_since: Instant | None = None
