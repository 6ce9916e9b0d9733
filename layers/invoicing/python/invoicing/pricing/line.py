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
    """A period of days, both ends included (EN 16931 BG-14, BG-26)."""

    start: Day
    """First day of the period."""
    end: Day
    """Last day of the period; not before `start`."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise PydanticCustomError("period", "The period ends before it starts (EN 16931 BR-30)")
        return self


class Discount(Value):
    """A discount, either in percent or as an amount (EN 16931 BG-20, BG-27)."""

    percent: Annotated[Percent, Field(gt=0, le=100)] | None = None
    """Discount in percent, above 0 and at most 100. Exactly one of `percent` and `amount` is required."""
    amount: Annotated[Amount, Field(gt=0)] | None = None
    """Discount as an amount above zero, with or without tax as the prices are."""
    reason: ShortText | None = None
    """Reason for the discount (EN 16931 BT-97, BT-139)."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.percent is None) == (self.amount is None):
            raise PydanticCustomError("discount", "Exactly one of percent and amount is required")
        return self


class Shipping(Value):
    """The cost of delivery (EN 16931 BG-21)."""

    amount: Annotated[Amount, Field(ge=0)]
    """Cost of delivery, zero or more, with or without tax as the prices are."""
    tax: Tax | None = None
    """Tax of the delivery. Without it, the cost is distributed over the tax rates of the lines."""


def _not_zero(quantity: Decimal) -> Decimal:
    if quantity == 0:
        raise PydanticCustomError("quantity", "The quantity cannot be zero")
    return quantity


class NewLine(Value):
    """A line of a document to create."""

    item_id: ShortText | None = None
    """Identifier of the article in the tenant's catalogue (EN 16931 BT-155)."""
    name: Annotated[ShortText, Field(examples=["Beratung"])]
    """Name of the article or service (EN 16931 BT-153)."""
    description: PrintedText | None = None
    """Description of the article or service (EN 16931 BT-154)."""
    quantity: Annotated[Quantity, AfterValidator(_not_zero), Field(examples=["12.5"])] = Decimal(1)
    """Quantity, other than zero; returns are negative (EN 16931 BT-129)."""
    unit: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$", examples=["C62"])] = "C62"
    """Unit of the quantity: a code of UN/ECE Recommendation 20, such as `C62` (one), `HUR` (hour) or `KGM` (kilogram).
    """
    unit_price: UnitPrice
    """Price of `price_base_quantity` units, net unless `price_tax_inclusive` is true (EN 16931 BT-146)."""
    price_base_quantity: Annotated[Quantity, Field(gt=0)] = Decimal(1)
    """Number of units that `unit_price` applies to, above zero (EN 16931 BT-149)."""
    discount: Discount | None = None
    """Discount on the line (EN 16931 BG-27)."""
    tax: Tax
    """Tax of the line (EN 16931 BG-30)."""
    accounting_code: Annotated[ShortText | None, Internal] = None
    """Account that the line is booked on, for the tenant's own users (EN 16931 BT-133)."""
    period: Period | None = None
    """Period in which the service was delivered (EN 16931 BG-26)."""
    serial_number: ShortText | None = None
    """Serial number of the delivered article."""
    warehouse: ShortText | None = None
    """Warehouse that the article was delivered from."""
    ordered_quantity: Quantity | None = None
    """Quantity that was ordered, where it differs from the delivered quantity."""
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)

    @property
    def said(self) -> "NewLine":
        """The line as a client would send it: without its id and sums."""
        return NewLine(**{name: getattr(self, name) for name in NewLine.model_fields})


class ChangedLine(NewLine):
    """A line of a draft or order after a change."""

    id: LineId | None = None
    """Identifier of the line to replace, `lin_` followed by a ULID. A line without one is added."""


class Line(NewLine):
    """A line of a document, with its amounts."""

    id: LineId
    """Unique identifier of the line: `lin_` followed by a ULID."""
    net: Amount
    """Net amount of the line after its discount (EN 16931 BT-131)."""
    tax_amount: Amount
    """Share of the line in the tax of its rate."""
    total: Amount
    """Amount of the line including tax: `net` + `tax_amount`."""
