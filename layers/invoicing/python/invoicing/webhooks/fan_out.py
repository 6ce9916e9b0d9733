"""Each event to all endpoints that subscribe to it."""

import time
from collections.abc import Mapping
from typing import Any, Final

from invoicing.aws.queues import OrderedMessage, enqueue_webhook
from invoicing.core import clock
from invoicing.core.model import Value
from invoicing.store.store import Store
from invoicing.webhooks.delivery import WebhookDelivery
from invoicing.webhooks.model import WebhookEndpoint
from invoicing.webhooks.subscribable import subscribes
from invoicing.webhooks.table import put_once

_CACHED_SECONDS: Final = 60.0
_MOST_CACHED: Final = 1_000
_cached: dict[str, tuple[float, tuple[WebhookEndpoint, ...]]] = {}


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
    """
    for endpoint in _endpoints(store):
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


def forget() -> None:
    """Forget the endpoints that were read."""
    _cached.clear()


def _endpoints(store: Store) -> tuple[WebhookEndpoint, ...]:
    """The endpoints of the tenant as they were within the last minute: most tenants have none, and many events."""
    until, found = _cached.get(store.tenant_id, (0.0, ()))
    if time.monotonic() < until:
        return found
    if len(_cached) >= _MOST_CACHED:
        _cached.clear()
    found = store.showing().all(WebhookEndpoint)
    _cached[store.tenant_id] = time.monotonic() + _CACHED_SECONDS, found
    return found
