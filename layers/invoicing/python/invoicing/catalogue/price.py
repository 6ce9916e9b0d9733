"""Prices of products. The amounts of a price are in its versions, which are written once and never altered."""

from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.amounts import AmountsByCurrency, Minimums, PriceModel, require_fit
from invoicing.catalogue.errors import UsageInAdvance, VersionOrder
from invoicing.catalogue.interval import Interval, Timing
from invoicing.catalogue.product import Product, require_archived_by
from invoicing.core.errors import DateNotAllowed, Invalid
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import PriceId, ProductId, SubscriptionId, SubscriptionItemId
from invoicing.core.model import Aggregate, Day, Instant, Internal, ShortText, Value, copied
from invoicing.pricing.tax import Tax

MOST_VERSIONS: Final = 100


class PriceData(Value):
    """The fields of a price that can be changed."""

    name: Annotated[ShortText, Field(examples=["Monthly"])]
    """Name of the price, for the tenant's own users."""
    default: bool = False
    """Whether this is the default price of the product. A product has at most one: the new one replaces it."""
    archived_at: Instant | None = None
    """When the price was archived; null for active prices. New lines and items cannot use an archived price."""


class PriceFacts(PriceData):
    """The fields of a price that never change after its creation, and those that can."""

    model: PriceModel
    """How the amount follows from the quantity."""
    interval: Interval | None = None
    """Length of the period that the amounts apply to; null for one-off prices, such as a setup fee."""
    timing: Timing | None = None
    """Whether periods are charged in advance or in arrears; null for one-off prices.

    Prices with an interval are charged in advance by default, `percentage` prices in arrears.
    """
    price_tax_inclusive: bool = False
    """Whether the amounts include tax. Documents have one mode for all their lines."""

    @model_validator(mode="after")
    def _one_off_prices_have_no_timing(self) -> Self:
        if self.timing is not None and self.interval is None:
            raise PydanticCustomError("timing", "timing requires interval", {"field": "timing"})
        return self


class NewPrice(PriceFacts):
    """A price to create, with its first version."""

    amounts: AmountsByCurrency
    minimum: Minimums = Field(default_factory=dict)
    tax: Tax | None = None
    """Tax of the version; that of the product if it is null."""


class NewVersion(Value):
    """A version to add to a price. Amounts, minimum and tax that are omitted are those of the version before."""

    valid_from: Annotated[Day, Field(examples=["2026-07-01"])]
    """First day of the version: today or later, and after the first day of the version before."""
    amounts: AmountsByCurrency | None = None
    minimum: Minimums | None = None
    tax: Annotated[Tax | None, Field(examples=[{"category": "S", "rate": "19"}])] = None
    """Tax of the version; null for that of the product."""
    dry_run: bool = False
    """Whether to show the price with the version, without adding it."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.changes:
            raise PydanticCustomError("version", "amounts, minimum or tax is required")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """The given amounts, minimum and tax."""
        given = self.model_fields_set & {"amounts", "minimum", "tax"}
        return {name: getattr(self, name) for name in sorted(given) if name == "tax" or getattr(self, name) is not None}


class PriceVersion(Value):
    """The amounts of a price from a day on. A version is never altered."""

    object: Literal["price_version"] = "price_version"
    number: int
    """Number of the version, starting at 1."""
    valid_from: Day
    """First day of the version. It applies until the first day of the next version."""
    amounts: AmountsByCurrency
    minimum: Minimums = Field(default_factory=dict)
    tax: Tax | None = None
    """Tax of the version; null for that of the product."""
    created_at: Instant
    """When the version was added."""
    created_by: Annotated[Reference | None, Internal] = None


class PriceSummary(PriceFacts, Aggregate):
    """A price without its amounts."""

    object: Literal["price"] = "price"
    id: PriceId
    """Unique identifier of the price: `prc_` followed by a ULID."""
    product_id: ProductId
    """Identifier of the product, `prd_` followed by a ULID."""
    versions_from: tuple[Day, ...]
    """First day of each version, in the order of their numbers."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    def changed(self, data: PriceData, moment: Moment) -> Self:
        """The price after a change of its name, its archiving or its place as the default."""
        _require_active_default(data)
        require_archived_by(data.archived_at, moment)
        return self.model_copy(update={**dict(data), **moment.updated})

    def number_on(self, day: date) -> int:
        """The number of the version in force on a day; the first one before its first day."""
        return max([number for number, start in enumerate(self.versions_from, 1) if start <= day], default=1)

    @property
    def data(self) -> PriceData:
        """The fields that can be changed."""
        return copied(PriceData, self)


class ReachedItem(Value):
    """An item of a subscription that takes a version of its price."""

    subscription_id: SubscriptionId
    """Identifier of the subscription, `sub_` followed by a ULID."""
    item_id: SubscriptionItemId
    """Identifier of the item, `sit_` followed by a ULID."""
    starts_on: Day
    """First day that is billed at the version: the start of a period."""


class PriceReach(Value):
    """The subscriptions that take a version of a price."""

    items: tuple[ReachedItem, ...]
    """Items that take the version, in the order of their subscriptions. Items with the policy `keep` do not."""
    has_more: bool
    """Whether there are more subscriptions than the 200 that were examined."""


class Price(PriceSummary):
    """A price of a product, with all its versions."""

    versions: tuple[PriceVersion, ...]
    """All versions of the price, in the order of their numbers."""
    reaches: PriceReach | None = None
    """Subscriptions that would take the version; only in the response to a dry run."""

    @classmethod
    def new(cls, id_: str, data: NewPrice, *, product_id: str, moment: Moment) -> Self:
        """A new price. Its first version is in force from the day of its creation."""
        _require_active_default(data)
        require_archived_by(data.archived_at, moment)
        require_fit(data.model, data.amounts, data.minimum)
        timing = data.timing or _usual_timing(data)
        if data.model == "percentage" and timing == "advance":
            raise UsageInAdvance(pointer="/timing")
        version = _version(1, moment, valid_from=moment.today, amounts=data.amounts, minimum=data.minimum, tax=data.tax)
        return cls(
            **{**dict(copied(PriceFacts, data)), "timing": timing},
            id=id_,
            product_id=product_id,
            versions_from=(version.valid_from,),
            versions=(version,),
            **moment.created,
        )

    def with_version(self, data: NewVersion, moment: Moment) -> Self:
        """The price with one more version. Versions that exist do not change."""
        last = self.versions[-1]
        if data.valid_from < moment.today:
            raise DateNotAllowed("A version cannot start in the past.", pointer="/valid_from")
        if data.valid_from <= last.valid_from:
            raise VersionOrder(pointer="/valid_from")
        if len(self.versions) >= MOST_VERSIONS:
            raise Invalid(f"A price can have at most {MOST_VERSIONS} versions.", pointer="")
        kept = {"amounts": last.amounts, "minimum": last.minimum, "tax": last.tax}
        added = _version(last.number + 1, moment, valid_from=data.valid_from, **{**kept, **data.changes})
        require_fit(self.model, added.amounts, added.minimum)
        return self.model_copy(
            update={
                "versions": (*self.versions, added),
                "versions_from": (*self.versions_from, added.valid_from),
                **moment.updated,
            }
        )


class ProductWithPrices(Product):
    """A product with its prices."""

    prices: tuple[PriceSummary, ...]
    """Prices of the product in the order of their creation, without their amounts."""


def _require_active_default(data: PriceData) -> None:
    if data.default and data.archived_at is not None:
        raise Invalid("An archived price cannot be the default; set default to false.", pointer="/default")


def _usual_timing(data: PriceFacts) -> Timing | None:
    if data.interval is None:
        return None
    return "arrears" if data.model == "percentage" else "advance"


def _version(number: int, moment: Moment, **facts: Any) -> PriceVersion:
    return PriceVersion(number=number, created_at=moment.at, created_by=moment.by.reference, **facts)
