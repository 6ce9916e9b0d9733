"""One attempt of a delivery, and its consequences for the endpoint.

The attempt is made before anything is written about it: if the worker ends in between, it is made again, with the same
id and bytes. The state of the endpoint is written before that of the delivery, so that a repetition completes both.
"""

from contextlib import suppress
from functools import lru_cache, partial
from typing import Final

from invoicing import config
from invoicing.aws.envelopes import SecretOwner, unseal
from invoicing.core import clock
from invoicing.core.errors import ConcurrentModification
from invoicing.core.event import Recorded
from invoicing.store.changes import Also
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.webhooks import outgoing
from invoicing.webhooks.addresses import Targets
from invoicing.webhooks.delivery import DELAYS, WebhookDelivery
from invoicing.webhooks.disabling import disable
from invoicing.webhooks.errors import DeliveryNotFound, EndpointNotFound
from invoicing.webhooks.events import WebhookFailing, WebhookRecovered
from invoicing.webhooks.fan_out import DeliveryMessage, queue
from invoicing.webhooks.model import FAILURES_TO_PROBE, WebhookEndpoint
from invoicing.webhooks.outgoing import WebhookOutcome
from invoicing.webhooks.signing import headers_of
from invoicing.webhooks.table import claim_probe, counted, replace_probe, unchanged, waiting_ids

_GONE: Final = 410
_KEPT_SECRETS: Final = 256


def deliver(store: Store, message: DeliveryMessage) -> None:
    """Attempt a delivery, unless the attempt was made already or the endpoint gets none now."""
    found = retry_on_conflict(store, lambda newest: _to_attempt(newest, message))
    if found is None:
        return
    endpoint, delivery = found
    outcome = attempt(store, endpoint, delivery.event.id, delivery.body)
    retry_on_conflict(store, lambda newest: _record(newest, message, outcome))


def attempt(store: Store, endpoint: WebhookEndpoint, event_id: str, body: str) -> WebhookOutcome:
    """Send a body to an endpoint once, signed with its secrets."""
    # By the real time: receivers refuse other timestamps, and a tenant's test clock may be ahead.
    at = clock.now()
    owner = SecretOwner(store.tenant_id, endpoint.id)
    secrets = [_opened(endpoint.sealed[one.id], owner) for one in endpoint.live_secrets(store.session.now)]
    headers = headers_of(event_id, body, at, secrets)
    return outgoing.post(endpoint.url or "", body, headers, Targets.of(config.setting("WEBHOOK_TARGETS")), at)


def release(store: Store, endpoint_id: str) -> None:
    """Let the deliveries go on that waited for an endpoint, oldest first."""
    for delivery_id in list(waiting_ids(store, endpoint_id)):
        with suppress(DeliveryNotFound):
            due = retry_on_conflict(store, partial(make_due, endpoint_id=endpoint_id, delivery_id=delivery_id))
            if due is not None:
                queue(store.tenant_id, due)


def make_due(store: Store, endpoint_id: str, delivery_id: str) -> WebhookDelivery | None:
    """Let a pending delivery be attempted. Returns it; None if it is finished or has its time already."""
    delivery = store.get(WebhookDelivery, endpoint_id, delivery_id)
    if delivery.status != "pending":
        return None
    if delivery.next_attempt_at is not None:
        # A worker may have ended before it queued this one; an attempt that has its time later keeps it.
        return delivery if delivery.next_attempt_at <= clock.now() else None
    return store.advance(delivery.due(clock.now()))


def _to_attempt(store: Store, message: DeliveryMessage) -> tuple[WebhookEndpoint, WebhookDelivery] | None:
    try:
        delivery = store.get(WebhookDelivery, message.endpoint_id, message.delivery_id)
    except DeliveryNotFound:
        return None  # Its 30 days are over.
    if not _is_next(delivery, message):
        return None
    try:
        endpoint = store.get(WebhookEndpoint, message.endpoint_id)
    except EndpointNotFound:
        store.advance(delivery.canceled(clock.now()))
        return None
    if _gets(store, endpoint, delivery):
        return endpoint, delivery
    if delivery.next_attempt_at is not None:
        # Under the endpoint's state: one that recovers meanwhile would not know of this delivery.
        store.advance(delivery.waiting(clock.now()), also=[lambda session: unchanged(endpoint, session)])
    return None


def _gets(store: Store, endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> bool:
    """Whether an endpoint gets a delivery now. While it is failing, it gets one until that succeeds or fails."""
    if endpoint.status != "failing":
        return endpoint.status == "active" and endpoint.kind == "push"
    if endpoint.probe is None:
        return claim_probe(store, endpoint.id, delivery.id)
    return endpoint.probe == delivery.id


def _is_next(delivery: WebhookDelivery, message: DeliveryMessage) -> bool:
    made = (delivery.round, len(delivery.attempts))
    return delivery.status == "pending" and made == (message.round, message.attempt)


def _record(store: Store, message: DeliveryMessage, outcome: WebhookOutcome) -> None:
    delivery = store.get(WebhookDelivery, message.endpoint_id, message.delivery_id)
    if not _is_next(delivery, message):
        return
    made, also = outcome.attempt, list[Also]()
    with suppress(EndpointNotFound):
        endpoint = store.get(WebhookEndpoint, message.endpoint_id)
        _record_for_endpoint(store, endpoint, delivery, outcome)
        also = [counted(endpoint.id, made.at, succeeded=made.succeeded)]
    retry_at = None if made.status_code == _GONE else delivery.retry_at(made.at, outcome.retry_after)
    store.advance(delivery.attempted(made, retry_at), also=also)


def _record_for_endpoint(
    store: Store, endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: WebhookOutcome
) -> None:
    """Change the state of an endpoint where an attempt is a reason for it."""
    made, at = outcome.attempt, outcome.attempt.at
    if endpoint.status == "disabled":
        return
    if made.succeeded:
        if endpoint.status == "failing":
            store.record(Recorded(endpoint.recovered(at), WebhookRecovered()))
    elif made.status_code == _GONE or endpoint.is_lost(at):
        disable(store, endpoint, "gone" if made.status_code == _GONE else "failing", at)
    elif endpoint.status == "active" and endpoint.failures + 1 >= FAILURES_TO_PROBE:
        store.record(Recorded(endpoint.failing(delivery.id, at), WebhookFailing()))
    elif endpoint.status == "failing" and len(delivery.attempts) + 1 >= len(DELAYS):
        _probe_next(store, endpoint, delivery)


def _probe_next(store: Store, endpoint: WebhookEndpoint, finished: WebhookDelivery) -> None:
    """Let a failing endpoint get its oldest other delivery."""
    following = next((one for one in waiting_ids(store, endpoint.id) if one != finished.id), None)
    if replace_probe(store, endpoint.id, finished.id, following) and following is not None:
        with suppress(ConcurrentModification, DeliveryNotFound):
            due = make_due(store, endpoint.id, following)
            if due is not None:
                queue(store.tenant_id, due)


def forget() -> None:
    """Forget the secrets that were opened."""
    _opened.cache_clear()


@lru_cache(maxsize=_KEPT_SECRETS)
def _opened(sealed: str, owner: SecretOwner) -> bytes:
    return unseal(sealed, owner)
