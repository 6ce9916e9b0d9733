"""Each event to all endpoints that subscribe to it."""

from collections.abc import Mapping
from typing import Any

from invoicing.aws.queues import OrderedMessage, enqueue_webhook
from invoicing.core import clock
from invoicing.core.model import Value
from invoicing.store.store import Store
from invoicing.webhooks.delivery import WebhookDelivery
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.subscribable import subscribes
from invoicing.webhooks.table import put_once


class DeliveryMessage(Value):
    """A message of the queue: the attempt of a delivery that is due."""

    tenant_id: str
    endpoint_id: str
    delivery_id: str
    round: int = 0
    """The replay that the attempt belongs to."""
    attempt: int = 0
    """The attempts before it. A message about an attempt that was made has no effect."""


def fan_out(store: Store, event: Mapping[str, Any]) -> None:
    """Create the delivery of an event for each endpoint that subscribes to it, and queue those that are pushed.

    An event that comes again finds its deliveries there, and queues them again: the worker may have ended in between.
    Endpoints are read for each event, because an endpoint gets all events since it was created.
    """
    for endpoint in store.showing().all(WebhookEndpoint):
        if subscribes(endpoint.events, event["type"]):
            delivery = WebhookDelivery.of(event, endpoint, clock.now())
            put_once(store, delivery)
            if delivery.next_attempt_at is not None:
                queue(store.tenant_id, delivery)


def queue(tenant_id: str, delivery: WebhookDelivery) -> None:
    """Queue the next attempt of a delivery behind the others of its lane."""
    message = DeliveryMessage(
        tenant_id=tenant_id,
        endpoint_id=delivery.endpoint_id,
        delivery_id=delivery.id,
        round=delivery.round,
        attempt=len(delivery.attempts),
    )
    enqueue_webhook(OrderedMessage(message.model_dump_json(), delivery.lane, delivery.mark))
