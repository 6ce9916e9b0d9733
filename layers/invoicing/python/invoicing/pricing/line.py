"""Lines of a document."""

import re
from collections.abc import Container
from datetime import date
from decimal import Decimal, localcontext
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import LineId, PriceId
from invoicing.core.model import (
    ENTERED,
    Amount,
    CountryCode,
    Day,
    Internal,
    LongName,
    Metadata,
    PrintedText,
    Quantity,
    ShortText,
    UnitCode,
    UnitPrice,
    Value,
    copied,
    values_of,
)
from invoicing.pricing.allowances import Discount, LineAllowances, LineCharges, require_no_repetition
from invoicing.pricing.share import is_statable, without_repeating_digits
from invoicing.pricing.tax import Tax

_LONG = re.compile(r"[0-9]{1,15}\.[0-9]{11,80}")
"""A decimal with more digits than a line can state."""


class Period(Value):
    """A period of days, both ends included (EN 16931 BG-14, BG-26)."""

    start: Day | None = None
    """First day of the period. At least one of `start` and `end` is required (EN 16931 BR-CO-19)."""
    end: Day | None = None
    """Last day of the period; not before `start`."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start is None and self.end is None:
            raise PydanticCustomError("period", "start or end is required (EN 16931 BG-14, BG-26, BR-CO-19)")
        if self.start and self.end and self.end < self.start:
            raise PydanticCustomError("period", "The period ends before it starts (EN 16931 BT-74, BT-135, BR-30)")
        return self

    @property
    def only_day(self) -> date | None:
        """The day of a period of one day."""
        return self.start if self.start == self.end else None


ObjectScheme = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$", examples=["AVE"])]
"""Code of UNTDID 1153, such as `AVE` (meter), `ABZ` (vehicle) or `IT` (customer number)."""


def require_object(object_id: str | None, scheme: str | None) -> None:
    """Refuse the scheme of an object that is not named."""
    if scheme is not None and object_id is None:
        raise PydanticCustomError("object", "object_scheme requires object_id (BT-18, BT-128)")


def _unsigned_zero(quantity: Decimal) -> Decimal:
    return quantity or abs(quantity)


ItemScheme = Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["0160"])]
"""Four-digit code of the ICD code list (ISO 6523), such as `0160` for GTIN."""


class ItemClassification(Value):
    """A class of the article in a classification (EN 16931 BT-158)."""

    id: Annotated[ShortText, Field(examples=["65434568"])]
    """Code of the class."""
    scheme: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$", examples=["STI"])]
    """Classification: a code of UNTDID 7143, such as `STI` (CPV), `HS` (Harmonized System) or `TSP` (UNSPSC)."""
    version: Annotated[ShortText | None, Field(examples=["2008"])] = None
    """Version of the classification."""


class ItemAttribute(Value):
    """A property of the article (EN 16931 BG-32)."""

    name: Annotated[ShortText, Field(examples=["Color"])]
    """Name of the property (EN 16931 BT-160)."""
    value: Annotated[ShortText, Field(examples=["red"])]
    """Value of the property (EN 16931 BT-161)."""


def _with_any_digits(value: object, info: ValidationInfo) -> object:
    """The quantity of a price in a row. Drafts from before can have repeating digits, which no request can have."""
    is_long = info.context is not ENTERED and isinstance(value, str) and _LONG.fullmatch(value)
    return Decimal(str(value)) if is_long else value


class LineContent(Value):
    """A line of a document, without its amounts."""

    item_id: ShortText | None = None
    """Identifier of the article in the tenant's catalogue (EN 16931 BT-155)."""
    buyer_item_id: ShortText | None = None
    """Identifier of the article in the customer's catalogue (EN 16931 BT-156)."""
    standard_item_id: Annotated[ShortText | None, Field(examples=["04012345678901"])] = None
    """Identifier of the article in a public scheme, such as a GTIN (EN 16931 BT-157)."""
    standard_item_scheme: ItemScheme | None = None
    """Scheme of `standard_item_id` (EN 16931 BT-157-1)."""
    classifications: Annotated[tuple[ItemClassification, ...], Field(max_length=10)] = ()
    """Classes of the article, at most 10 (EN 16931 BT-158)."""
    origin_country: CountryCode | None = None
    """Country of origin of the article (EN 16931 BT-159)."""
    attributes: Annotated[tuple[ItemAttribute, ...], Field(max_length=20)] = ()
    """Properties of the article, at most 20 (EN 16931 BG-32)."""
    note: PrintedText | None = None
    """Note about the line (EN 16931 BT-127)."""
    object_id: ShortText | None = None
    """Object that the line invoices, such as a meter or a subscription (EN 16931 BT-128)."""
    object_scheme: ObjectScheme | None = None
    """Scheme of `object_id` (EN 16931 BT-128-1)."""
    order_line: ShortText | None = None
    """Line of the customer's purchase order (EN 16931 BT-132)."""
    name: Annotated[LongName, Field(examples=["Beratung"])]
    """Name of the article or service, up to 500 characters (EN 16931 BT-153); in Romania up to 100 (BR-RO-L100)."""
    description: PrintedText | None = None
    """Description of the article or service (EN 16931 BT-154)."""
    quantity: Annotated[Quantity, AfterValidator(_unsigned_zero), Field(examples=["12.5"])] = Decimal(1)
    """Quantity (EN 16931 BT-129); returns are negative, and zero states that nothing was used or charged."""
    unit: UnitCode = "C62"
    """Unit of the quantity: a code of UN/ECE Recommendation 20, such as `C62` (one), `HUR` (hour) or `KGM` (kilogram).
    """
    unit_price: UnitPrice
    """Price of `price_base_quantity` units, net unless `price_tax_inclusive` is true (EN 16931 BT-146)."""
    price_base_quantity: Annotated[Quantity, Field(gt=0), BeforeValidator(_with_any_digits)] = Decimal(1)
    """Number of units that `unit_price` applies to, above zero (EN 16931 BT-149)."""
    gross_price: UnitPrice | None = None
    """Price before the price discount, for the same base quantity (EN 16931 BT-148)."""
    price_discount: UnitPrice | None = None
    """Discount on the price of an article (EN 16931 BT-147): `gross_price` - `price_discount` = `unit_price`."""
    discount: Discount | None = None
    """Discount on the line (EN 16931 BG-27), a shorthand for one entry of `allowances`."""
    allowances: LineAllowances = ()
    """Allowances on the line (EN 16931 BG-27), at most 20. Responses list the `discount` here too."""
    charges: LineCharges = ()
    """Charges on the line (EN 16931 BG-28), such as packaging, at most 20."""
    tax: Tax
    """Tax of the line (EN 16931 BG-30)."""
    accounting_code: ShortText | None = None
    """Account or cost center that the customer books the line on (EN 16931 BT-133): in the XML, but not on the PDF."""
    period: Period | None = None
    """Period in which the service was delivered (EN 16931 BG-26)."""
    serial_number: ShortText | None = None
    """Serial number of the delivered article."""
    warehouse: ShortText | None = None
    """Warehouse that the article was delivered from."""
    ordered_quantity: Quantity | None = None
    """Quantity that was ordered, where it differs from the delivered quantity."""
    package_name: Annotated[ShortText | None, Field(examples=["Website"])] = None
    """Package that the line belongs to. Lines of one package are printed together, under its name, with a subtotal.

    The amounts do not change. In e-invoices, which have no groups of lines, the line's note names the package (BT-127).
    """
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)

    @property
    def given_net(self) -> Decimal | None:
        """The net amount that another system calculated, if the client stated one."""
        return None


class NewLine(LineContent):
    """A line of a document to create."""

    net: Amount | None = None
    """Net amount that another system calculated (EN 16931 BT-131), for prices without tax.

    It may differ by 0.05 from quantity, price, allowances and charges, and in whole forints (HUF) by 0.5; in Peppol by
    0.02 (PEPPOL-EN16931-R120).
    """

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.price_discount is not None and self.gross_price is None:
            raise PydanticCustomError("gross_price", "price_discount requires gross_price (BT-147, BT-148)")
        # Exact in any decimal context.
        with localcontext(prec=60):
            differs = self.gross_price is not None and self.gross_price - (self.price_discount or 0) != self.unit_price
        if differs:
            raise PydanticCustomError(
                "gross_price", "unit_price is gross_price less price_discount (BT-146, PEPPOL-EN16931-R046)"
            )
        require_no_repetition(self.discount, self.allowances)
        require_object(self.object_id, self.object_scheme)
        if (self.standard_item_id is None) != (self.standard_item_scheme is None):
            raise PydanticCustomError(
                "item", "standard_item_id and standard_item_scheme require each other (BT-157, BR-64)"
            )
        return self

    @property
    def given_net(self) -> Decimal | None:
        """The net amount that another system calculated, if the client stated one."""
        return self.net


class ChangedLine(NewLine):
    """A line of a draft or order after a change."""

    id: LineId | None = None
    """Identifier of the line to replace, `lin_` followed by a ULID. A line without one is added."""

    @property
    def stated(self) -> NewLine:
        """The line without its id."""
        return copied(NewLine, self)


class FilledLine(ChangedLine):
    """A line whose price, tax and texts come from a price of the catalogue."""

    price_id: PriceId
    price_version: int
    price_tier: int | None = None


class Line(LineContent):
    """A line of a document, with its amounts."""

    id: LineId
    """Unique identifier of the line: `lin_` followed by a ULID."""
    net: Amount
    """Net amount of the line after its allowances and charges (EN 16931 BT-131)."""
    net_given: bool = False
    """Whether another system calculated `net` and the client gave it."""
    tax_amount: Amount
    """Share of the line in the tax of its rate."""
    total: Amount
    """Amount of the line including tax: `net` + `tax_amount`."""
    price_id: PriceId | None = None
    """Identifier of the price in the catalogue that the line was filled in from; null for all other lines."""
    price_version: int | None = None
    """Number of the version of that price."""
    price_tier: int | None = None
    """Number of the tier of that price, starting at 1; null for prices without tiers."""

    @model_validator(mode="after")
    def _has_no_repeating_digits(self) -> Self:
        """Multiply the quantities of a line from before whose price is for 10 ÷ 31 units. Its amount stays."""
        if is_statable(self.price_base_quantity):
            return self
        quantity, base = without_repeating_digits(self.quantity, self.price_base_quantity)
        return self.model_copy(update={"quantity": quantity, "price_base_quantity": base})

    @property
    def given_net(self) -> Decimal | None:
        """The net amount that another system calculated, if the client stated one."""
        return self.net if self.net_given else None

    @property
    def stated(self) -> dict[str, Any]:
        """The line as a client states it, without its id and its computed fields."""
        return values_of(self, LineContent.model_fields) | {"net": self.given_net}

    @property
    def source(self) -> dict[str, Any]:
        """The price of the catalogue that the line was filled in from; nothing for other lines."""
        names = ("price_id", "price_version", "price_tier") if self.price_id else ()
        return values_of(self, names)

    def as_new(self, fields: Container[str] | None = None) -> NewLine:
        """A new line with these fields of the line, or with all. It keeps the price that it was filled in from."""
        stated = {name: value for name, value in self.stated.items() if fields is None or name in fields}
        return FilledLine(**stated, **self.source) if self.price_id else NewLine(**stated)
