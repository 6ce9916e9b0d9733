"""Money that came in or went back."""

from typing import Annotated, Literal

from pydantic import Field

from invoicing.core.identity import Reference
from invoicing.core.ids import InvoiceId, PaymentId
from invoicing.core.model import Aggregate, Amount, CurrencyCode, Day, Instant, Internal, LongText, ShortText, Value
from invoicing.core.party import Iban

Method = Literal["bank_transfer", "sepa_direct_debit", "card", "cash", "check", "paypal", "coupon", "credit", "other"]
ReversalReason = Literal["error", "returned", "chargeback"]
PositiveAmount = Annotated[Amount, Field(gt=0)]


class Mandate(Value):
    """The customer's permission to collect by SEPA direct debit (BT-89), and from which account (BT-91)."""

    reference: Annotated[ShortText, Field(max_length=35, examples=["M-2026-0042"])]
    iban: Iban | None = None
    signed_on: Day | None = None


class Card(Value):
    """The card that paid or will (BG-18): never its number, only how that ends (BT-87)."""

    last_digits: Annotated[str, Field(pattern=r"^[0-9]{4,6}$", examples=["4242"])]
    holder: ShortText | None = None


class PaymentInstructions(Value):
    """How a document is to be paid (BG-16)."""

    payment_method: Method | None = None
    bank_account_id: ShortText | None = None
    mandate: Mandate | None = None
    card: Card | None = None


class Allocation(Value):
    """What part of a payment went where."""

    to: Literal["invoice", "fees"]
    amount: Amount


class PaymentFacts(Value):
    """What is told about a payment. `cash_discount` is what the customer kept back for paying early.

    With the method `credit` it is paid with what another document, `source_id`, owes the customer (`refund_due`).
    """

    amount: PositiveAmount
    type: Literal["payment", "refund"] = "payment"
    method: Method = "bank_transfer"
    reference: ShortText | None = None
    external_id: ShortText | None = None
    source_id: InvoiceId | None = None
    cash_discount: PositiveAmount | None = None
    note: LongText | None = None


class PaymentData(PaymentFacts):
    """A payment with the day it happened."""

    date: Day


class Payment(PaymentData, Aggregate):
    """A payment or refund on one document, as recorded; it is never changed, only reversed.

    Applied credit is two of them, which name each other (`counterpart_id`): the payment here, a refund at its source.
    """

    object: Literal["payment"] = "payment"
    invoice_id: str
    customer_id: str | None = None
    currency: CurrencyCode
    allocations: tuple[Allocation, ...]
    counterpart_id: PaymentId | None = None
    reversed_at: Instant | None = None
    reversal_reason: ReversalReason | None = None
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None


class Paid(Value):
    """When and how much was last paid."""

    id: str
    date: Day
    amount: Amount
