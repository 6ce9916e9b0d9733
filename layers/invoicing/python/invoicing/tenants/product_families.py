"""Product families: products that customers can change between, and when such a change applies."""

from typing import Annotated, Literal

from pydantic import Field

from invoicing.core.model import Code, ShortText, Value


class FamilyUpgrade(Value):
    """The rule for a change to a product of a higher rank."""

    at: Literal["now", "period_end"] = "now"
    """When the change applies: at once, or at the end of the billed period."""
    anchor: Literal["keep", "restart"] = "keep"
    """Whether billing periods keep their anchor, or restart on the day of the change."""


class FamilyDowngrade(Value):
    """The rule for a change to a product of a lower rank."""

    at: Literal["now", "period_end"] = "period_end"
    """When the change applies: at once, or at the end of the billed period."""


class ProductFamily(Value):
    """A family of products. A change between two of them is an upgrade or a downgrade by their `rank`."""

    code: Annotated[Code, Field(examples=["plans"])]
    """Code of the family, unique among the tenant's families. Products refer to it as `family`."""
    name: Annotated[ShortText, Field(examples=["Plans"])]
    """Name of the family, for the tenant's own users."""
    upgrade: FamilyUpgrade = FamilyUpgrade()
    """Rule for changes to a higher rank."""
    downgrade: FamilyDowngrade = FamilyDowngrade()
    """Rule for changes to a lower rank."""
