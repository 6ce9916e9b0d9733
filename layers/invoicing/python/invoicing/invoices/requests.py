"""Requests about invoices."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import CustomerId, OrderId
from invoicing.core.model import CurrencyCode, Day, Instant, LongText, PrintedText, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.core.party import XmlFormat
from invoicing.invoices.drafts.model import MAX_LINES
from invoicing.invoices.lifecycle import CloseReason, DocumentType, Status
from invoicing.invoices.model import Origin, PaymentStatus
from invoicing.payments.model import Card, Mandate, Method, PaymentInstructions
from invoicing.pricing.line import NewLine


class AddLines(Value):
    """Lines to be added at the end of a draft."""

    lines: Annotated[tuple[NewLine, ...], Field(min_length=1, max_length=MAX_LINES)]


class SetNote(Value):
    """Texts beside the lines. What is given is set, null or an empty text takes it away, the others stay.

    `internal_note` can be set at any time, and the customer never sees it; the others only on a draft.
    """

    note: PrintedText | None = None
    introduction: PrintedText | None = None
    closing: PrintedText | None = None
    internal_note: Annotated[LongText | None, Field(examples=["Ask for Ms Berg"])] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("note", "At least one of the texts is required")
        return self

    @property
    def texts(self) -> dict[str, str | None]:
        """Those that are given."""
        return {name: getattr(self, name) or None for name in sorted(self.model_fields_set)}


class SetPaymentMethod(Value):
    """How it is to be paid. A transfer may name an account, a card its last digits; a direct debit needs a mandate."""

    method: Annotated[Method, Field(examples=["bank_transfer"])]
    bank_account_id: ShortText | None = None
    mandate: Mandate | None = None
    card: Card | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.bank_account_id is not None and self.method != "bank_transfer":
            raise PydanticCustomError("bank_account", "bank_account_id requires the method bank_transfer")
        if (self.mandate is not None) != (self.method == "sepa_direct_debit"):
            raise PydanticCustomError(
                "mandate", "mandate is required with sepa_direct_debit and not allowed with other methods"
            )
        if self.card is not None and self.method != "card":
            raise PydanticCustomError("card", "Allowed with the method card only")
        return self

    @property
    def instructions(self) -> PaymentInstructions:
        """As documents have it."""
        return PaymentInstructions(
            payment_method=self.method, bank_account_id=self.bank_account_id, mandate=self.mandate, card=self.card
        )


class CancelInvoice(Value):
    """Why it is canceled; for the timeline, not for the customer."""

    reason: ShortText | None = None


class CloseInvoice(Value):
    """Why nothing more is due."""

    reason: CloseReason


class SetStatus(Value):
    """What became of it."""

    status: Literal["paid", "void", "uncollectible"]


class XmlQuery(BaseModel):
    """Which format to write; the one that the document was sent as if none is named, else ZUGFeRD."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    format: XmlFormat | None = None


class FinalizeInvoice(Value):
    """How to issue a draft. Dates given here beat the draft's; `send` mails it as soon as it is rendered."""

    issue_date: Day | None = None
    due_date: Day | None = None
    send: bool = False


class InvoiceQuery(ListQuery):
    """Which invoices to list; all that is given must be true of an entry."""

    status: Status | None = None
    payment_status: PaymentStatus | None = None
    type: DocumentType | None = None
    customer_id: CustomerId | None = None
    order_id: OrderId | None = None
    number: ShortText | None = None
    external_id: ShortText | None = None
    currency: CurrencyCode | None = None
    overdue: bool | None = None
    origin: Origin | None = None
    issued_from: Day | None = None
    issued_to: Day | None = None
    due_from: Day | None = None
    due_to: Day | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_since: Instant | None = None
