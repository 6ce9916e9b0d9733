"""Steps that functions about webhook endpoints share."""

import base64
import secrets
from collections.abc import Iterable
from itertools import islice

from invoicing import config
from invoicing.aws.envelopes import SecretOwner, seal
from invoicing.core import clock
from invoicing.core.model import instant_text
from invoicing.store.store import Store
from invoicing.webhooks.addresses import Targets
from invoicing.webhooks.delivery import Selection, WebhookDelivery, body_of
from invoicing.webhooks.fan_out import queue
from invoicing.webhooks.model import NewSecret, WebhookEndpoint, WebhookEndpointChange, secret_text
from invoicing.webhooks.requests import MOST_REPLAYED, ReplayDeliveries
from invoicing.webhooks.table import matching_ids, pending_of

_SECRET_BYTES = 32


def require_reachable(data: WebhookEndpointChange) -> None:
    """Refuse a URL that webhooks of this stage cannot be sent to."""
    if data.url is not None:
        Targets.of(config.setting("WEBHOOK_TARGETS")).require_allowed(data.url)


def new_secret(store: Store, id_: str, endpoint_id: str) -> NewSecret:
    """A new secret of an endpoint, encrypted for it."""
    value = secrets.token_bytes(_SECRET_BYTES)
    sealed = seal(value, SecretOwner(store.tenant_id, endpoint_id))
    return NewSecret(id=id_, text=secret_text(base64.b64encode(value).decode()), sealed=sealed)


def replay(store: Store, endpoint: WebhookEndpoint, delivery_id: str) -> None:
    """Send a delivery again, once for each request with its repetitions.

    One that waits for its first attempt is only queued again: the worker of an earlier request may have ended before.
    """
    delivery, request_key = store.get(WebhookDelivery, endpoint.id, delivery_id), store.request_key
    if request_key not in delivery.replays and not delivery.waits_for_first_attempt:
        delivery = store.advance(delivery.replayed(clock.now(), request_key, push=endpoint.kind == "push"))
    if delivery.waits_for_first_attempt and delivery.next_attempt_at is not None:
        queue(store.tenant_id, delivery)


def selection_of(store: Store, endpoint_id: str, asked: ReplayDeliveries) -> Selection:
    """The deliveries that a request replays: those that it names, or the first that match it."""
    ids = iter(asked.delivery_ids or matching_ids(store, asked.query, endpoint_id))
    return Selection(delivery_ids=tuple(islice(ids, MOST_REPLAYED)), has_more=next(ids, None) is not None)


def acknowledge(store: Store, endpoint_id: str, delivery_ids: Iterable[str]) -> int:
    """Note that the receiver has processed deliveries. Returns their number."""
    found = [store.get(WebhookDelivery, endpoint_id, one) for one in dict.fromkeys(delivery_ids)]
    for delivery in found:
        if delivery.status == "pending":
            store.advance(delivery.acknowledged(clock.now()))
    return len(found)


def with_pending(store: Store, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """An endpoint with the number of its pending deliveries."""
    return endpoint.model_copy(update={"pending": pending_of(store, endpoint.id)})


def ping(event_id: str, endpoint: WebhookEndpoint) -> str:
    """The content of a test event, which is about the endpoint itself."""
    event = {
        "id": event_id,
        "type": "webhook.ping",
        "occurred_at": instant_text(clock.now()),
        "resource": {"object": endpoint.object, "id": endpoint.id, "version": endpoint.version},
        "actor": None,
    }
    return body_of(event, thin=True)
