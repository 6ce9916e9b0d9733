"""What a client says about a draft."""

from typing import Annotated

from pydantic import Field

from invoicing.core.ids import CustomerId, InvoiceId, OrderId
from invoicing.core.model import (
    CurrencyCode,
    Day,
    Internal,
    Language,
    LongText,
    Metadata,
    PrintedText,
    ShortText,
    UnitPrice,
    Value,
)
from invoicing.core.party import Address, Buyer, PaymentTerms
from invoicing.customers.model import CustomAttributes
from invoicing.payments.model import Card, Mandate, Method
from invoicing.pricing.line import ChangedLine, Discount, NewLine, Period, Shipping

MAX_LINES = 1_000


class DocumentReference(Value):
    """An earlier document that this one is about (BG-3)."""

    invoice_id: InvoiceId | None = None
    number: ShortText
    issue_date: Day | None = None


_EXAMPLE_LINES = [
    {
        "name": "Beratung",
        "quantity": "2.5",
        "unit": "HUR",
        "unit_price": "96.00",
        "tax": {"category": "S", "rate": "19"},
    },
]


class DraftContent(Value):
    """What a client says on a draft, as far as it stands in the content."""

    customer: Buyer | None = None
    customer_address: Address | None = None
    ship_to: Address | None = None
    price_tax_inclusive: bool = False
    service_period: Period | None = None
    contract_reference: ShortText | None = None
    buyer_reference: ShortText | None = None
    payment_reference: ShortText | None = None
    references: Annotated[tuple[DocumentReference, ...], Field(max_length=50)] = ()
    tax_currency: CurrencyCode | None = None
    exchange_rate: UnitPrice | None = None
    discount: Discount | None = None
    shipping: Shipping | None = None
    title: ShortText | None = None
    introduction: PrintedText | None = None
    note: PrintedText | None = None
    closing: PrintedText | None = None
    internal_note: Annotated[LongText | None, Internal] = None
    mandate: Mandate | None = None
    card: Card | None = None
    custom_attributes: Annotated[CustomAttributes, Internal] = ()
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)


class DraftData(DraftContent):
    """All that a client may say on a draft, but for the lines."""

    customer_id: Annotated[CustomerId | None, Field(examples=["cus_01JD8X2V6PZ3QK7M5T9WRC4HBN"])] = None
    external_id: ShortText | None = None
    language: Language | None = None
    currency: Annotated[CurrencyCode | None, Field(examples=["EUR"])] = None
    issue_date: Day | None = None
    due_date: Day | None = None
    payment_terms: PaymentTerms | None = None
    order_id: OrderId | None = None
    purchase_order_id: ShortText | None = None
    payment_method: Method | None = None
    bank_account_id: ShortText | None = None


class NewInvoice(DraftData):
    """A draft to be made."""

    lines: Annotated[tuple[NewLine, ...], Field(max_length=MAX_LINES, examples=[_EXAMPLE_LINES])] = ()


class ChangedInvoice(DraftData):
    """A draft to be changed: lines with an `id` keep it, the others are new."""

    lines: Annotated[tuple[ChangedLine, ...], Field(max_length=MAX_LINES, examples=[_EXAMPLE_LINES])] = ()
