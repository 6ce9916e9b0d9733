"""Products: the articles and services that a tenant sells."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.catalogue.errors import ProductIsArchived
from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment, Reference
from invoicing.core.ids import PriceId, ProductId
from invoicing.core.model import (
    Aggregate,
    Code,
    Instant,
    Internal,
    Language,
    Metadata,
    PrintedText,
    ShortText,
    UnitCode,
    Value,
    copied,
)
from invoicing.pricing.tax import Tax

_CLOCKS_DIFFER = timedelta(minutes=5)
ProductName = Annotated[ShortText, Field(max_length=120)]
"""One line of 1 to 120 characters: on lines of documents the name is followed by the tier or the share of a period."""


class ProductData(Value):
    """The fields of a product that can be created and changed."""

    code: Annotated[Code, Field(examples=["SEAT"])]
    """Code of the product, unique among the tenant's products. Lines show it as their `item_id` (EN 16931 BT-155)."""
    name: Annotated[dict[Language, ProductName], Field(min_length=1, examples=[{"en": "Seat", "nl": "Werkplek"}])]
    """Name by language (EN 16931 BT-153). Documents in other languages have the name in the tenant's language."""
    description: dict[Language, PrintedText] = Field(default_factory=dict)
    """Description by language (EN 16931 BT-154)."""
    unit: UnitCode = "C62"
    """Unit of the quantity: a code of UN/ECE Recommendation 20, such as `C62` (one) or `HUR` (hour)."""
    tax: Annotated[Tax | None, Field(examples=[{"category": "S", "rate": "19"}])] = None
    """Tax of the product; the tenant's default tax if it is null. A version of a price can have another one."""
    accounting_code: ShortText | None = None
    family: Annotated[Code | None, Field(examples=["plans"])] = None
    """Code of one of the tenant's `product_families`. A customer can change between products of one family."""
    rank: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    """Place of the product in its family: a change to a higher rank is an upgrade."""
    archived_at: Instant | None = None
    """When the product was archived; null for active products. New lines and items cannot use their prices."""
    metadata: Annotated[Metadata, Internal] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _ranks_in_a_family(self) -> Self:
        if self.rank is not None and self.family is None:
            raise PydanticCustomError("rank", "rank requires family", {"field": "rank"})
        return self


class Product(ProductData, Aggregate):
    """An article or service that the tenant sells."""

    object: Literal["product"] = "product"
    id: ProductId
    """Unique identifier of the product: `prd_` followed by a ULID."""
    default_price_id: PriceId | None = None
    """Identifier of the default price of the product, `prc_` followed by a ULID; null if it has none."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    @classmethod
    def new(cls, id_: str, data: ProductData, moment: Moment) -> Self:
        """A new product."""
        require_archived_by(data.archived_at, moment)
        return cls(**dict(data), id=id_, **moment.created)

    def changed(self, data: ProductData, moment: Moment) -> Self:
        """The product with other data. Lines that were filled in before do not change."""
        require_archived_by(data.archived_at, moment)
        return self.model_copy(update={**dict(data), **moment.updated})

    def with_default(self, price_id: str, moment: Moment, *, default: bool) -> Self:
        """The product after a price became its default, or is no longer."""
        if default == (self.default_price_id == price_id):
            return self
        return self.model_copy(update={"default_price_id": price_id if default else None, **moment.updated})

    def require_active(self) -> None:
        """Refuse new prices of an archived product."""
        if self.archived_at is not None:
            raise ProductIsArchived

    @property
    def data(self) -> ProductData:
        """The fields that can be changed."""
        return copied(ProductData, self)


def require_archived_by(archived_at: datetime | None, moment: Moment) -> None:
    """Refuse an archiving in the future: the date is a record of it and no schedule. Clocks may differ by minutes."""
    if archived_at is not None and archived_at > moment.at + _CLOCKS_DIFFER:
        raise Invalid("archived_at cannot be in the future.", pointer="/archived_at")
