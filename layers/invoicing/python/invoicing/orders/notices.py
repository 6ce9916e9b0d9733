"""What the system that takes the orders tells about them. What else it says beside is left to it."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import CustomerId, TenantId
from invoicing.core.model import ShortText
from invoicing.orders.model import NewLines, NewOrder, OrderFacts


class CompletedOrder(OrderFacts):
    """An order that can be invoiced. Its customer is named by our id or by the one that the customer bears there."""

    external_id: Annotated[ShortText, Field(examples=["SO-4711"])]
    customer_id: CustomerId | None = None
    customer_external_id: Annotated[ShortText | None, Field(examples=["K-7"])] = None
    lines: NewLines

    @model_validator(mode="after")
    def _one_customer(self) -> Self:
        if (self.customer_id is None) == (self.customer_external_id is None):
            raise PydanticCustomError("customer", "Either customer_id or customer_external_id is required")
        return self

    def of(self, customer_id: str) -> NewOrder:
        """The order as one of this customer."""
        said = {name: getattr(self, name) for name in OrderFacts.model_fields}
        return NewOrder(**said, customer_id=customer_id, lines=self.lines)


class NamedOrder(BaseModel):
    """An order by the id that it bears where it was taken."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    external_id: Annotated[ShortText, Field(examples=["SO-4711"])]
    reason: ShortText | None = None


class _AboutTenant(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    tenant_id: TenantId


class OrderCompleted(_AboutTenant):
    """An order is complete and is to be invoiced."""

    order: CompletedOrder


class OrderCanceled(_AboutTenant):
    """An order is canceled; what it led to is to be canceled too."""

    order: NamedOrder
