"""Requests about webhook endpoints and deliveries."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.ids import DeliveryId
from invoicing.core.model import ENTERED, Instant, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.webhooks.model import WebhookEndpoint, WebhookEndpointChange

_DAY = 86_400
MOST_AT_ONCE = 100
MOST_REPLAYED = 500
DeliveryStatus = Literal["pending", "succeeded", "failed", "canceled"]
DeliveryIds = Annotated[tuple[DeliveryId, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class UpdateWebhookEndpoint(WebhookEndpointChange):
    """The fields of a webhook endpoint that can be changed, and whether it is active."""

    status: Literal["active", "disabled"] = "active"
    """`disabled` endpoints get no deliveries; once `active`, they get those that waited."""

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> Self:
        """The fields of an endpoint."""
        return cls(**dict(endpoint.data), status="disabled" if endpoint.status == "disabled" else "active")


class RotateSecret(Value):
    """How long the former secret of an endpoint stays valid."""

    grace: Annotated[int, Field(ge=0, le=7 * _DAY)] = _DAY
    """Number of seconds for which the former secret signs too, from 0 to 604,800 (7 days); a day by default."""

    @property
    def period(self) -> timedelta:
        """The grace period."""
        return timedelta(seconds=self.grace)


class DeliveryQuery(ListQuery):
    """Filters for deliveries; an entry matches all that are given."""

    status: DeliveryStatus | None = None
    """Deliveries with this status."""
    event: ShortText | None = None
    """Deliveries of events with this name."""
    resource_id: ShortText | None = None
    """Deliveries of events about this object."""
    created_from: Instant | None = None
    created_to: Instant | None = None


class ReplayDeliveries(Value):
    """The deliveries to send again: those with these identifiers, or all that match."""

    delivery_ids: DeliveryIds | None = None
    """Identifiers of the deliveries, at most 100."""
    created_from: Instant | None = None
    created_to: Instant | None = None
    status: DeliveryStatus | None = None
    """Deliveries with this status."""
    event: ShortText | None = None
    """Deliveries of events with this name."""

    @model_validator(mode="after")
    def _names_deliveries(self, info: ValidationInfo) -> Self:
        if info.context is ENTERED and (self.delivery_ids is None) == (self.created_from is None):
            raise PydanticCustomError("deliveries", "Either `delivery_ids` or `created_from` is required")
        return self

    @property
    def query(self) -> DeliveryQuery:
        """The filters as those of a list, oldest first."""
        return DeliveryQuery(
            status=self.status,
            event=self.event,
            created_from=self.created_from,
            created_to=self.created_to,
            order="asc",
        )


class ReplayedDeliveries(Value):
    """The number of deliveries that are sent again."""

    object: Literal["webhook_replay"] = "webhook_replay"
    """Name of the object's type: `webhook_replay`."""
    count: int
    """Number of deliveries."""
    has_more: bool
    """Whether more deliveries match. Repeat the request with a later `created_from` to send these."""


class AcknowledgeDeliveries(Value):
    """Deliveries that the receiver has processed."""

    delivery_ids: DeliveryIds
    """Identifiers of the deliveries, at most 100."""


class AcknowledgedDeliveries(Value):
    """The number of deliveries that are done."""

    object: Literal["webhook_acknowledgement"] = "webhook_acknowledgement"
    """Name of the object's type: `webhook_acknowledgement`."""
    count: int
    """Number of deliveries; those that were done before count too."""
