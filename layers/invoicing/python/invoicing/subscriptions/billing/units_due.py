"""The internal event that requests the billing of some subscriptions."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field

from invoicing.core.ids import SubscriptionId, TenantId
from invoicing.core.model import Model

UNITS_DUE: Final = "subscriptions.due"


class UnitsDue(Model):
    """Subscriptions of a tenant that are due, or were a moment ago."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    tenant_id: TenantId
    subscription_ids: Annotated[tuple[SubscriptionId, ...], Field(min_length=1, max_length=100)]
