"""Allowances and charges of documents and lines (EN 16931 BG-20, BG-21, BG-27, BG-28), and their shorthands.

`discount` is a shorthand for one allowance, `shipping` for one charge. Everything that calculates, writes or prints
works on `Entry`, which is the same for both ways to state one.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, localcontext
from typing import Annotated, Final, NamedTuple, Protocol, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.model import Amount, Percent, ShortText, Value
from invoicing.pricing.tax import Tax

MOST_ENTRIES: Final = 50
"""The most allowances, and the most charges, of a document; those of a line are fewer."""
MOST_LINE_ENTRIES: Final = 20
_TOLERANCE: Final = Decimal("0.02")
"""The tolerance between an amount and its percentage (PEPPOL-EN16931-R040); half a unit if that is more."""
DISCOUNT_CODE, FREIGHT_CODE = "95", "FC"
"""Reason codes of the shorthands: discount (UNTDID 5189) and freight service (UNTDID 7161)."""

ReasonCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$", examples=["95"])]


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
            raise PydanticCustomError("discount", "Exactly one of percent and amount is required (BT-92, BT-94)")
        return self


class Shipping(Value):
    """The cost of delivery (EN 16931 BG-21)."""

    amount: Annotated[Amount, Field(ge=0)]
    """Cost of delivery, zero or more, with or without tax as the prices are."""
    tax: Tax | None = None
    """Tax of the delivery. Without it, the cost is distributed over the tax rates of the lines."""


class LineEntry(Value):
    """An allowance or a charge: an amount, or a percentage of a base. Amounts have tax if the prices have."""

    amount: Annotated[Amount, Field(ge=0)] | None = None
    """Amount, zero or more (EN 16931 BT-92, BT-99, BT-136, BT-141). It is computed if only `percent` is given."""
    percent: Percent | None = None
    """Percentage of the base (EN 16931 BT-94, BT-101, BT-138, BT-143). With `amount` it requires `base`."""
    base: Annotated[Amount, Field(ge=0)] | None = None
    """Amount that the percentage applies to (EN 16931 BT-93, BT-100, BT-137, BT-142).

    By default the line before its allowances and charges; on a document the lines of its rate, or all lines. Beside an
    `amount` without `percent` it is information, which Peppol and XRechnung do not allow (PEPPOL-EN16931-R042).
    """
    reason: ShortText | None = None
    """Reason in the language of the document (EN 16931 BT-97, BT-104, BT-139, BT-144)."""
    reason_code: ReasonCode | None = None
    """Reason as a code (EN 16931 BT-98, BT-105, BT-140, BT-145): UNTDID 5189 for allowances, 7161 for charges."""

    @model_validator(mode="after")
    def _amount_or_percent(self) -> Self:
        if self.amount is None and self.percent is None:
            raise PydanticCustomError("entry", "amount or percent is required (BT-92, BT-99, BT-136, BT-141)")
        if self.amount is None or self.percent is None:
            return self
        if self.base is None:
            raise PydanticCustomError(
                "entry", "amount with percent requires base (BT-93, BT-100, BT-137, BT-142, PEPPOL-EN16931-R041)"
            )
        # Exact in any decimal context.
        with localcontext(prec=60):
            unit = Decimal(1).scaleb(int(self.amount.as_tuple().exponent))
            differs = abs(self.amount - self.base * self.percent / 100) > max(_TOLERANCE, unit / 2)
        if differs:
            raise PydanticCustomError(
                "entry", "amount is not percent of base (BT-92, BT-99, BT-136, BT-141, PEPPOL-EN16931-R040)"
            )
        return self


class LineAllowance(LineEntry):
    """An allowance on a line (EN 16931 BG-27)."""


class LineCharge(LineEntry):
    """A charge on a line (EN 16931 BG-28)."""


class DocumentAllowance(LineEntry):
    """An allowance on a document (EN 16931 BG-20)."""

    tax: Tax | None = None
    """Category and rate of the allowance (EN 16931 BT-95, BT-96); by default it is split over those of the lines."""

    @model_validator(mode="after")
    def _of_one_rate(self) -> Self:
        return _require_one_rate(self)


class DocumentCharge(LineEntry):
    """A charge on a document (EN 16931 BG-21)."""

    tax: Tax | None = None
    """Category and rate of the charge (EN 16931 BT-102, BT-103); by default it is split over those of the lines."""

    @model_validator(mode="after")
    def _of_one_rate(self) -> Self:
        return _require_one_rate(self)


def _require_one_rate[E: DocumentAllowance | DocumentCharge](entry: E) -> E:
    """Refuse the base of an amount that is split over rates: its parts would have none."""
    if entry.base is not None and entry.percent is None and entry.tax is None:
        raise PydanticCustomError("entry", "base without percent requires tax (BT-93, BT-95, BT-100, BT-102)")
    return entry


Allowances = Annotated[tuple[DocumentAllowance, ...], Field(max_length=MOST_ENTRIES)]
DocumentCharges = Annotated[tuple[DocumentCharge, ...], Field(max_length=MOST_ENTRIES)]
LineAllowances = Annotated[tuple[LineAllowance, ...], Field(max_length=MOST_LINE_ENTRIES)]
LineCharges = Annotated[tuple[LineCharge, ...], Field(max_length=MOST_LINE_ENTRIES)]


class LineTerms(Protocol):
    """The allowances and charges of a line."""

    @property
    def discount(self) -> Discount | None:
        """The shorthand of one allowance."""

    @property
    def allowances(self) -> tuple[LineAllowance, ...]:
        """Its allowances beside the discount."""

    @property
    def charges(self) -> tuple[LineCharge, ...]:
        """Its charges."""


class PriceTerms(Protocol):
    """The price mode, the allowances and the charges of a document."""

    @property
    def price_tax_inclusive(self) -> bool:
        """Whether the prices include tax."""

    @property
    def discount(self) -> Discount | None:
        """The shorthand of one allowance."""

    @property
    def shipping(self) -> Shipping | None:
        """The shorthand of one charge."""

    @property
    def allowances(self) -> tuple[DocumentAllowance, ...]:
        """The allowances beside the discount."""

    @property
    def charges(self) -> tuple[DocumentCharge, ...]:
        """The charges beside shipping."""


class AdjustmentEntry(NamedTuple):
    """An allowance or a charge, from either form; `at` is its place, such as `allowances/0` or `discount`."""

    at: str
    charge: bool
    amount: Decimal | None
    percent: Decimal | None
    base: Decimal | None
    reason: str | None
    reason_code: str | None
    tax: Tax | None

    @property
    def pointer(self) -> str:
        """The field that decides its amount."""
        return f"/{self.at}/{'percent' if self.amount is None else 'amount'}"

    @property
    def has_base_alone(self) -> bool:
        """Whether its base is stated beside an amount, without a percentage."""
        return self.base is not None and self.percent is None

    @property
    def is_stated_zero(self) -> bool:
        """Whether it is stated as zero, such as a freight that is free of charge."""
        return 0 in (self.amount, self.percent)


def line_entries(line: LineTerms) -> list[AdjustmentEntry]:
    """The allowances of a line, then its charges; a discount is the last allowance."""
    if not (line.discount or line.allowances or line.charges):
        return []
    return [*_listed(line.allowances, "allowances"), *_short(line.discount), *_listed(line.charges, "charges")]


def document_entries(terms: PriceTerms) -> list[AdjustmentEntry]:
    """The allowances of a document, then its charges; discount and shipping come last of their kind."""
    shipping = terms.shipping
    short = () if shipping is None else (
        AdjustmentEntry("shipping", True, shipping.amount, None, None, None, FREIGHT_CODE, shipping.tax),  # noqa: FBT003
    )  # fmt: skip
    return [
        *_listed(terms.allowances, "allowances"), *_short(terms.discount), *_listed(terms.charges, "charges"), *short
    ]  # fmt: skip


def _listed(entries: Iterable[LineEntry], name: str) -> Iterator[AdjustmentEntry]:
    for place, one in enumerate(entries):
        tax = getattr(one, "tax", None)
        yield AdjustmentEntry(
            f"{name}/{place}", name == "charges", one.amount, one.percent, one.base, one.reason, one.reason_code, tax
        )


def _short(discount: Discount | None) -> Iterator[AdjustmentEntry]:
    if discount is not None:
        yield AdjustmentEntry(
            "discount", False, discount.amount, discount.percent, None, discount.reason, DISCOUNT_CODE, None  # noqa: FBT003
        )  # fmt: skip


def require_no_repetition(discount: Discount | None, allowances: Sequence[LineEntry]) -> None:
    """Refuse an allowance that repeats the discount beside it, which would be deducted twice."""
    if discount is None:
        return
    for one in allowances:
        same = one.percent == discount.percent if discount.percent is not None else one.amount == discount.amount
        if same and one.reason == discount.reason and getattr(one, "tax", None) is None:
            raise PydanticCustomError(
                "repeated", "discount and an entry of allowances state the same; remove one (BG-20)"
            )


def require_no_repeated_shipping(shipping: Shipping | None, charges: Sequence[DocumentCharge]) -> None:
    """Refuse a freight charge that repeats the shipping beside it."""
    if shipping is None:
        return
    for one in charges:
        if (one.amount, one.tax, one.reason_code) == (shipping.amount, shipping.tax, FREIGHT_CODE):
            raise PydanticCustomError("repeated", "shipping and an entry of charges state the same; remove one (BG-21)")
