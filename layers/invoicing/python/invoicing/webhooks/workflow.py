"""Steps that functions about webhook endpoints share."""

import base64
import secrets
from collections.abc import Iterable

from invoicing import config
from invoicing.aws.envelopes import SecretOwner, seal
from invoicing.core import clock
from invoicing.core.model import instant_text
from invoicing.store.store import Store
from invoicing.webhooks.addresses import Targets
from invoicing.webhooks.delivery import WebhookDelivery, body_of
from invoicing.webhooks.fan_out import queue
from invoicing.webhooks.model import NewSecret, WebhookEndpoint, WebhookEndpointChange, secret_text
from invoicing.webhooks.table import pending_of

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
    """Send a delivery again. One that waits for its first attempt is sent anyway."""
    delivery = store.get(WebhookDelivery, endpoint.id, delivery_id)
    if delivery.status == "pending" and not delivery.attempts:
        return
    again = store.advance(delivery.replayed(clock.now(), push=endpoint.kind == "push"))
    if again.next_attempt_at is not None:
        queue(store.tenant_id, again)


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
