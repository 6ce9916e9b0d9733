"""Lines of a document, and the discounts and shipping beside them."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import LineId
from invoicing.core.model import (
    Amount,
    Day,
    Internal,
    Metadata,
    Percent,
    PrintedText,
    Quantity,
    ShortText,
    UnitPrice,
    Value,
)
from invoicing.pricing.tax import Tax


class Period(Value):
    """From one day to another, both included (BG-14, BG-26)."""

    start: Day
    end: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise PydanticCustomError("period", "The period ends before it starts (EN 16931 BR-30)")
        return self


class Discount(Value):
    """Something off: a percentage or an amount (BG-20, BG-27)."""

    percent: Annotated[Percent, Field(gt=0, le=100)] | None = None
    amount: Annotated[Amount, Field(gt=0)] | None = None
    reason: ShortText | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.percent is None) == (self.amount is None):
            raise PydanticCustomError("discount", "Exactly one of percent and amount is required")
        return self


class Shipping(Value):
    """What delivery costs (BG-21). Without a tax of its own it is spread over the rates of the lines."""

    amount: Annotated[Amount, Field(ge=0)]
    tax: Tax | None = None


def _not_zero(quantity: Decimal) -> Decimal:
    if quantity == 0:
        raise PydanticCustomError("quantity", "The quantity cannot be zero")
    return quantity


class NewLine(Value):
    """A line as a client says it. `unit` is a code of UN/ECE Recommendation 20 (C62: one)."""

    item_id: ShortText | None = None
    name: Annotated[ShortText, Field(examples=["Beratung"])]
    description: PrintedText | None = None
    quantity: Annotated[Quantity, AfterValidator(_not_zero), Field(examples=["12.5"])] = Decimal(1)
    unit: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$", examples=["C62"])] = "C62"
    unit_price: UnitPrice
    price_base_quantity: Annotated[Quantity, Field(gt=0)] = Decimal(1)
    discount: Discount | None = None
    tax: Tax
    accounting_code: Annotated[ShortText | None, Internal] = None
    period: Period | None = None
    serial_number: ShortText | None = None
    warehouse: ShortText | None = None
    ordered_quantity: Quantity | None = None
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)

    @property
    def said(self) -> "NewLine":
        """The line as a client would say it: neither its id nor what it comes to."""
        return NewLine(**{name: getattr(self, name) for name in NewLine.model_fields})


class ChangedLine(NewLine):
    """A line of a draft that is changed; with its `id` it keeps it."""

    id: LineId | None = None


class Line(NewLine):
    """A line with what it comes to. `tax_amount` is its share of the tax of its rate."""

    id: LineId
    net: Amount
    tax_amount: Amount
    total: Amount
