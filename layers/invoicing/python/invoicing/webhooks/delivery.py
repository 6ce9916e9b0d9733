"""Deliveries: one event for one endpoint, its bytes, its attempts and the time of the next one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field
from pydantic_core import to_json

from invoicing.core.ids import twin
from invoicing.core.model import Aggregate, Instant, Value
from invoicing.webhooks.model import API_VERSION, WebhookEndpoint

KEPT: Final = timedelta(days=30)
LONGEST_BODY: Final = 20_000
LONGEST_WAIT: Final = timedelta(hours=24)
_KEPT_REPLAYS: Final = 10
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
DELAYS: Final = (
    timedelta(0), _MINUTE, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR,
    24 * _HOUR,
)  # fmt: skip
"""The wait before each attempt, since the one before it."""


class DeliveredEvent(Value):
    """The event of a delivery."""

    id: str
    """Identifier of the event, `evt_` followed by a ULID. Receivers get it as `webhook-id`."""
    type: str
    """Name of the event."""


class WebhookAttempt(Value):
    """An attempt to send a delivery to its endpoint."""

    at: Instant
    """When the attempt began."""
    status_code: int | None = None
    """HTTP status of the response; null if there was none."""
    error: str | None = None
    """Why there was no response: `timeout`, `connection_failed`, `name_not_resolved`, `url_not_allowed`, and others."""
    duration_ms: int
    """Duration of the attempt in milliseconds."""
    response: str | None = None
    """First 2 KB of the response."""

    @property
    def succeeded(self) -> bool:
        """Whether the receiver accepted the event: any status from 200 to 299."""
        return self.status_code is not None and 200 <= self.status_code < 300


class WebhookDelivery(Aggregate):
    """The delivery of one event to one webhook endpoint. Deliveries are kept for 30 days."""

    object: Literal["webhook_delivery"] = "webhook_delivery"
    endpoint_id: str
    """Identifier of the webhook endpoint, `whe_` followed by a ULID."""
    event: DeliveredEvent
    """Event that is delivered."""
    resource_id: str
    """Identifier of the object that the event is about."""
    status: Literal["pending", "succeeded", "failed", "canceled"] = "pending"
    """`pending` deliveries wait, `succeeded` ones were accepted, `failed` ones had their last attempt."""
    attempts: tuple[WebhookAttempt, ...] = ()
    """Attempts of the delivery, oldest first; after a replay those of the replay."""
    next_attempt_at: Instant | None = None
    """When the delivery is attempted next; null if it is finished or waits for its endpoint."""
    body: str = ""
    """Content of the request in JSON, at most 20 KB, the same in every attempt. Receivers that poll read it here."""
    lane: Annotated[str, Field(exclude=True)] = ""
    """The group of the queue: deliveries of one lane are sent one after another."""
    round: Annotated[int, Field(exclude=True)] = 0
    """How often it was replayed."""
    replays: Annotated[tuple[str, ...], Field(exclude=True)] = ()
    """The last requests that replayed it, by their keys: a repeated request does not send it once more."""

    @classmethod
    def of(cls, event: Mapping[str, Any], endpoint: WebhookEndpoint, at: datetime) -> Self:
        """The delivery of an event of the bus. Its id follows from the event's, so that there is one."""
        resource = str(event["resource"]["id"])
        return cls(
            id=twin("dlv", event["id"]),
            endpoint_id=endpoint.id,
            event=DeliveredEvent(id=event["id"], type=event["type"]),
            resource_id=resource,
            next_attempt_at=at if endpoint.kind == "push" else None,
            body=body_of(event, thin=endpoint.payload == "thin"),
            lane=f"{endpoint.id}#{_place(resource, endpoint.parallel)}",
            created_at=at,
            updated_at=at,
        )

    @property
    def mark(self) -> str:
        """The mark of the next attempt at its time. A delivery that waited meanwhile gets another one."""
        due = self.next_attempt_at
        return f"{self._place_in_life}.{int(due.timestamp() * 1_000) if due else 0}"

    @property
    def waits_for_first_attempt(self) -> bool:
        """Whether it was not attempted yet, or not since its last replay."""
        return self.status == "pending" and not self.attempts

    @property
    def _place_in_life(self) -> str:
        return f"{self.id}.{self.round}.{len(self.attempts)}"

    def waiting(self, at: datetime) -> Self:
        """The delivery of an endpoint that gets none now."""
        return self.model_copy(update={"next_attempt_at": None, "updated_at": at})

    def due(self, at: datetime) -> Self:
        """The delivery, to be attempted at once."""
        return self.model_copy(update={"next_attempt_at": at, "updated_at": at})

    def canceled(self, at: datetime) -> Self:
        """The delivery of an endpoint that was deleted."""
        return self.model_copy(update={"status": "canceled", "next_attempt_at": None, "updated_at": at})

    def acknowledged(self, at: datetime) -> Self:
        """The delivery after the receiver polled and processed it."""
        return self.model_copy(update={"status": "succeeded", "next_attempt_at": None, "updated_at": at})

    def replayed(self, at: datetime, request_key: str | None, *, push: bool) -> Self:
        """The delivery, to be sent again with the same id and bytes and a full number of attempts."""
        replays = (*self.replays, request_key)[-_KEPT_REPLAYS:] if request_key else self.replays
        again = {"status": "pending", "attempts": (), "round": self.round + 1, "replays": replays}
        return self.model_copy(update={**again, "next_attempt_at": at if push else None, "updated_at": at})

    def attempted(self, attempt: WebhookAttempt, retry_at: datetime | None) -> Self:
        """The delivery after an attempt. Without a next one it is finished."""
        attempts = (*self.attempts, attempt)
        status = "succeeded" if attempt.succeeded else "pending" if len(attempts) < len(DELAYS) else "failed"
        next_at = retry_at if status == "pending" else None
        changes = {"attempts": attempts, "status": status, "next_attempt_at": next_at, "updated_at": attempt.at}
        return self.model_copy(update=changes)

    def retry_at(self, at: datetime, asked: timedelta | None) -> datetime:
        """When a failed attempt is followed by the next: by the schedule, or later if the receiver asks for it.

        Up to a fifth earlier or later, by its id: deliveries that failed together are not sent together again.
        """
        factor = 0.8 + _place(self._place_in_life, 401) / 1_000
        delay = DELAYS[min(len(self.attempts) + 1, len(DELAYS) - 1)] * factor
        return at + max(delay, min(asked or timedelta(0), LONGEST_WAIT))


class Selection(Value):
    """The deliveries that a request is about, and whether more match."""

    delivery_ids: tuple[str, ...]
    has_more: bool


def body_of(event: Mapping[str, Any], *, thin: bool) -> str:
    """The content of a delivery. `thin` has the identifiers only, as has one whose data is too long."""
    text = _text(event, thin=thin)
    return text if thin or len(text.encode()) <= LONGEST_BODY else _text(event, thin=True)


def _text(event: Mapping[str, Any], *, thin: bool) -> str:
    resource = event["resource"]
    object_ = {"object": resource["object"], "id": resource["id"]}
    content = {
        "type": event["type"],
        "timestamp": event["occurred_at"],
        "data": {"object": object_} if thin else event["data"],
        "id": event["id"],
        "api_version": API_VERSION,
        "payload": "thin" if thin else "full",
        "resource": resource,
        "actor": event["actor"],
    }
    return to_json(content).decode()


def _place(text: str, places: int) -> int:
    """One of some places, always the same for a text, such as the lane of an object."""
    return int.from_bytes(sha256(text.encode()).digest()[:4]) % places
