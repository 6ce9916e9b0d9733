"""The internal event that requests the billing of some subscriptions."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from invoicing.core.ids import SubscriptionId, TenantId

UNITS_DUE: Final = "subscriptions.due"


class UnitsDue(BaseModel):
    """Subscriptions of a tenant that are due, or were a moment ago."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    tenant_id: TenantId
    subscription_ids: Annotated[tuple[SubscriptionId, ...], Field(min_length=1, max_length=100)]
