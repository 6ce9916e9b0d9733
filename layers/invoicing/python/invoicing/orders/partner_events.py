"""Events of the order system, as far as this service reads them. Unknown fields beside the order are ignored."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import CustomerId, TenantId
from invoicing.core.model import Model, ShortText, values_of
from invoicing.orders.model import OrderFacts, RequestedLines, RequestedOrder


class CompletedOrder(OrderFacts):
    """An order that can be invoiced. Exactly one of `customer_id` and `customer_external_id` is required."""

    external_id: Annotated[ShortText, Field(examples=["SO-4711"])]
    """Identifier of the order in the order system."""
    customer_id: CustomerId | None = None
    """Identifier of the customer in this service, `cus_` followed by a ULID."""
    customer_external_id: Annotated[ShortText | None, Field(examples=["K-7"])] = None
    """Identifier of the customer in the order system."""
    lines: RequestedLines
    """Lines of the order, 1 to 1,000. A line can name a price of the catalogue in place of a price of its own."""

    @model_validator(mode="after")
    def _one_customer(self) -> Self:
        if (self.customer_id is None) == (self.customer_external_id is None):
            raise PydanticCustomError("customer", "Either customer_id or customer_external_id is required")
        return self

    def of(self, customer_id: str) -> RequestedOrder:
        """The order as an order of this customer."""
        facts = values_of(self, OrderFacts.model_fields)
        return RequestedOrder(**facts, customer_id=customer_id, lines=self.lines)


class NamedOrder(Model):
    """An order, identified as in the order system."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    external_id: Annotated[ShortText, Field(examples=["SO-4711"])]
    """Identifier of the order in the order system."""
    reason: ShortText | None = None
    """Reason for the cancellation."""


class _AboutTenant(Model):
    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    tenant_id: TenantId


class PartnerOrderCompleted(_AboutTenant):
    """An order was completed and can be invoiced."""

    order: CompletedOrder
    """Order that was completed."""


class PartnerOrderCanceled(_AboutTenant):
    """An order was canceled; its invoice is to be canceled too."""

    order: NamedOrder
    """Order that was canceled."""
