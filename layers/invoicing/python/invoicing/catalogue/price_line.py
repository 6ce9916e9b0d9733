"""Lines of requests that name a price of the catalogue in place of a price of their own."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, Protocol

from pydantic import Discriminator, Field, Tag

from invoicing.core.ids import PriceId
from invoicing.core.model import FROM_A_PRICE, STATED, Metadata, PrintedText, Quantity, ShortText, Value
from invoicing.pricing.line import ChangedLine, NewLine, Period


class PriceLine(Value):
    """A line to fill in from a price of the catalogue, at once.

    Name, unit, unit price and tax come from the version of the price in force today, and stay when the price changes.
    Each tier and each flat amount of the price becomes a line of its own.
    """

    price_id: PriceId
    """Identifier of the price, `prc_` followed by a ULID. It has amounts in the currency and tax mode of the document.
    """
    quantity: Annotated[Quantity, Field(gt=0, examples=["5"])] = Decimal(1)
    """Quantity, above zero; 1 for a `flat` price. A `percentage` price cannot be used in a line."""
    description: PrintedText | None = None
    """Description of the article or service (EN 16931 BT-154), in place of that of the product."""
    period: Period | None = None
    """Period in which the service was delivered (EN 16931 BG-26)."""
    order_line: ShortText | None = None
    """Line of the customer's purchase order (EN 16931 BT-132)."""
    package_name: ShortText | None = None
    """Package that the lines belong to."""
    metadata: Metadata = Field(default_factory=dict)


class Priced(Protocol):
    """A document with prices."""

    @property
    def currency(self) -> str:
        """Currency of all amounts."""

    @property
    def price_tax_inclusive(self) -> bool:
        """Whether the prices include tax."""


class DocumentTerms(NamedTuple):
    """The facts about a document that decide how a price is filled in."""

    currency: str
    language: str
    price_tax_inclusive: bool

    def prices_as(self, document: Priced) -> bool:
        """Whether a document has prices of the same currency and tax mode."""
        return (self.currency, self.price_tax_inclusive) == (document.currency, document.price_tax_inclusive)


def _kind(line: Any) -> str:
    if isinstance(line, Mapping):
        return FROM_A_PRICE if "price_id" in line else STATED
    return FROM_A_PRICE if isinstance(line, PriceLine) else STATED


# One of both is chosen before it is validated, so that a mistake has one pointer and one message.
NewOrPriceLine = Annotated[
    Annotated[NewLine, Tag(STATED)] | Annotated[PriceLine, Tag(FROM_A_PRICE)], Discriminator(_kind)
]
ChangedOrPriceLine = Annotated[
    Annotated[ChangedLine, Tag(STATED)] | Annotated[PriceLine, Tag(FROM_A_PRICE)], Discriminator(_kind)
]
