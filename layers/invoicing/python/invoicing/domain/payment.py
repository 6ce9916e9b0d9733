"""Money that came in or went back."""

from typing import Annotated, Literal

from pydantic import Field

from invoicing.domain.identity import Reference
from invoicing.domain.model import Aggregate, Amount, CurrencyCode, Day, Instant, Internal, LongText, ShortText, Value

Method = Literal["bank_transfer", "sepa_direct_debit", "card", "cash", "check", "paypal", "coupon", "other"]
PositiveAmount = Annotated[Amount, Field(gt=0)]


class Allocation(Value):
    """What part of a payment went where."""

    to: Literal["invoice", "fees"]
    amount: Amount


class PaymentFacts(Value):
    """What is told about a payment. `cash_discount` is what the customer kept back for paying early."""

    amount: PositiveAmount
    type: Literal["payment", "refund"] = "payment"
    method: Method = "bank_transfer"
    reference: ShortText | None = None
    external_id: ShortText | None = None
    cash_discount: PositiveAmount | None = None
    note: LongText | None = None


class PaymentData(PaymentFacts):
    """A payment with the day it happened."""

    date: Day


class Payment(PaymentData, Aggregate):
    """A payment or refund on one document, as recorded; it is never changed, only reversed."""

    object: Literal["payment"] = "payment"
    invoice_id: str
    customer_id: str | None
    currency: CurrencyCode
    allocations: tuple[Allocation, ...]
    reversed_at: Instant | None = None
    reversal_reason: str | None = None
    created_by: Annotated[Reference | None, Internal]
    updated_by: Annotated[Reference | None, Internal]


class Paid(Value):
    """When and how much was last paid."""

    id: str
    date: Day
    amount: Amount
