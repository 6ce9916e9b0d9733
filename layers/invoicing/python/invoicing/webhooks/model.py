"""Webhook endpoints: where events are sent, which ones, and the secrets that sign them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from invoicing.core.errors import Invalid
from invoicing.core.identity import Moment, Reference
from invoicing.core.model import ENTERED, Aggregate, Instant, Secret, ShortText, Value, copied, values_of
from invoicing.webhooks.errors import SecretsRotating, TooManyEndpoints
from invoicing.webhooks.subscribable import EventPattern

MOST_ENDPOINTS: Final = 20
MOST_SECRETS: Final = 2
FAILURES_TO_PROBE: Final = 5
FAILURES_TO_DISABLE: Final = 20
LOST_AFTER: Final = timedelta(days=5)
API_VERSION: Final = "v1"
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 — the prefix of all secrets of Standard Webhooks
_URL_BY_KIND: Final = "`url` is required for `push` and not allowed for `pull`."

Url = Annotated[str, Field(min_length=1, max_length=2_000, examples=["https://example.com/webhooks"])]
"""Address that receives the events, up to 2,000 characters: `https` and a public host name."""
EventPatterns = Annotated[
    tuple[EventPattern, ...], Field(max_length=200, examples=[["invoice.finalized", "invoice.*"]])
]
Kind = Literal["push", "pull"]
GivenUp = Literal["gone", "failing"]
"""Why the service disabled an endpoint."""


class WebhookEndpointChange(Value):
    """The fields of a webhook endpoint that can be changed."""

    url: Url | None = None
    """Address that receives the events; null for endpoints that are polled."""
    description: ShortText | None = None
    """Description of the endpoint, such as the system behind it."""
    events: EventPatterns
    """Names of the events that are delivered; `invoice.*` means all about invoices, `*` means all."""
    payload: Literal["full", "thin"] = "full"
    """Whether deliveries contain the data of the event (`full`), or only the identifiers (`thin`)."""
    parallel: Annotated[int, Field(ge=1, le=10)] = 5
    """Maximum number of deliveries in progress at the same time, from 1 to 10. Events of one object never overlap."""

    @field_validator("events")
    @classmethod
    def _names_an_event(cls, events: EventPatterns, info: ValidationInfo) -> EventPatterns:
        # Events of newer code count as none when a row is read.
        if info.context is ENTERED and not events:
            raise PydanticCustomError("events", "An endpoint has at least one event")
        return events


class WebhookEndpointData(WebhookEndpointChange):
    """The fields of a webhook endpoint that its creator sets."""

    kind: Kind = "push"
    """Whether events are sent to `url` (`push`), or wait until they are listed and acknowledged (`pull`)."""

    @model_validator(mode="after")
    def _has_a_url_to_push_to(self, info: ValidationInfo) -> Self:
        if info.context is ENTERED and (self.kind == "push") != (self.url is not None):
            raise PydanticCustomError("url", _URL_BY_KIND)
        return self


class WebhookSecret(Value):
    """A secret that signs the deliveries of an endpoint."""

    id: str
    """Identifier of the secret: `whs_` followed by a ULID."""
    created_at: Instant
    """When the secret was created."""
    expires_at: Instant | None = None
    """When the secret stops signing; null for the newest one."""

    def signs(self, at: datetime) -> bool:
        """Whether deliveries are signed with it."""
        return self.expires_at is None or at < self.expires_at


class WebhookEndpoint(WebhookEndpointData, Aggregate):
    """A system that receives events of the tenant: by requests to its address, or by polling."""

    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    api_version: str = API_VERSION
    """Version of the API that the data of the events follows."""
    secrets: tuple[WebhookSecret, ...] = ()
    """Secrets that sign deliveries, newest first; two while one is replaced. Their values are never shown again."""
    sealed: Annotated[Mapping[str, str], Field(exclude=True)] = {}
    """The encrypted value of each secret, by its identifier. It is in no response and in no event."""
    status: Literal["active", "failing", "disabled"] = "active"
    """`failing` endpoints get one delivery at a time until one succeeds, `disabled` ones none. All others wait."""
    disabled_reason: Literal["gone", "failing", "by_user"] | None = None
    """Why the endpoint is disabled: it responded 410 (`gone`), failed for five days, or was disabled by a user."""
    last_success_at: Instant | None = None
    """When a delivery last succeeded; null if none did."""
    last_failure_at: Instant | None = None
    """When an attempt last failed; null if none did."""
    pending: int | None = None
    """Number of deliveries that wait or are retried; null in responses to changes."""
    slot: Annotated[str, Field(exclude=True)] = "00"
    """The place of the endpoint among those that a tenant can have."""
    failures: Annotated[int, Field(exclude=True)] = 0
    """The failed attempts since the last success."""
    watched_from: Annotated[Instant | None, Field(exclude=True)] = None
    """When a user last activated it; None: when it was created."""
    probe: Annotated[str | None, Field(exclude=True)] = None
    """The delivery that is attempted while the endpoint is failing."""
    created_by: Reference | None = None
    updated_by: Reference | None = None

    def changed(self, data: WebhookEndpointChange, *, moment: Moment) -> Self:
        """The endpoint with other data. Its kind stays, so a URL is neither added nor removed."""
        if (self.kind == "push") != (data.url is not None):
            raise Invalid(_URL_BY_KIND, pointer="/url")
        fields = values_of(data, WebhookEndpointChange.model_fields)
        return self.model_copy(update={**fields, **moment.updated})

    @property
    def data(self) -> WebhookEndpointChange:
        """The fields that can be changed."""
        return copied(WebhookEndpointChange, self)

    def switched(self, status: Literal["active", "disabled"], *, moment: Moment) -> Self:
        """The endpoint as a user activates or disables it. Active, it starts without its former failures."""
        reason = "by_user" if status == "disabled" else None
        changes: dict[str, Any] = {"status": status, "disabled_reason": reason, "probe": None}
        if status == "active":
            changes |= {"failures": 0, "watched_from": moment.at}
        return self.model_copy(update={**changes, **moment.updated})

    def disabled(self, reason: GivenUp, at: datetime) -> Self:
        """The endpoint after the service gave up. All deliveries wait until a user activates it."""
        changes = {"status": "disabled", "disabled_reason": reason, "probe": None}
        return self.model_copy(update={**changes, "updated_at": at, "updated_by": None})

    def failing(self, delivery_id: str, at: datetime) -> Self:
        """The endpoint after many failures in a row: only this delivery is attempted until one succeeds."""
        return self.model_copy(update={"status": "failing", "probe": delivery_id, "updated_at": at, "updated_by": None})

    def recovered(self, at: datetime) -> Self:
        """The endpoint after a success."""
        changes = {"status": "active", "probe": None, "failures": 0}
        return self.model_copy(update={**changes, "updated_at": at, "updated_by": None})

    def is_lost(self, at: datetime) -> bool:
        """Whether one more failure disables it: twenty failures in a row, and none but failures for five days."""
        working = max(one for one in (self.created_at, self.last_success_at, self.watched_from) if one)
        return self.failures + 1 >= FAILURES_TO_DISABLE and at - working >= LOST_AFTER

    def live_secrets(self, at: datetime) -> tuple[WebhookSecret, ...]:
        """The secrets that sign deliveries, newest first."""
        return tuple(one for one in self.secrets if one.signs(at))

    def require_rotatable(self, at: datetime) -> None:
        """Refuse a third secret: a receiver checks each signature against its own."""
        if len(self.live_secrets(at)) >= MOST_SECRETS:
            raise SecretsRotating


class NewWebhookEndpoint(WebhookEndpoint):
    """A webhook endpoint with a new secret."""

    secret: Annotated[str, Secret]
    """Secret to verify signatures with (Standard Webhooks). It is returned once; null when the response is replayed."""

    @classmethod
    def new(cls, id_: str, data: WebhookEndpointData, *, slot: str, signing: "NewSecret", moment: Moment) -> Self:
        """An endpoint with its first secret."""
        return cls(
            **dict(data),
            id=id_,
            slot=slot,
            secrets=(WebhookSecret(id=signing.id, created_at=moment.at),),
            sealed={signing.id: signing.sealed},
            secret=signing.text,
            **moment.created,
        )

    @classmethod
    def rotated(cls, endpoint: WebhookEndpoint, signing: "NewSecret", *, grace: timedelta, moment: Moment) -> Self:
        """The endpoint with a new secret; the others sign until the end of the grace period."""
        ends = moment.at + grace
        others = [one for one in endpoint.live_secrets(moment.at) if grace]
        older = tuple(one.model_copy(update={"expires_at": min(one.expires_at or ends, ends)}) for one in others)
        secrets = (WebhookSecret(id=signing.id, created_at=moment.at), *older)
        sealed = {one.id: endpoint.sealed[one.id] for one in older} | {signing.id: signing.sealed}
        changes: dict[str, Any] = {"secrets": secrets, "sealed": sealed, **moment.updated}
        return cls(**dict(endpoint) | changes, secret=signing.text)


class NewSecret(Value):
    """A new secret: its identifier, the text that the client gets once, and the encrypted value."""

    id: str
    text: str
    sealed: str


def secret_text(encoded: str) -> str:
    """A secret in the form of Standard Webhooks, from its bytes in base64."""
    return _SECRET_PREFIX + encoded


def free_slot(taken: Iterable[str]) -> str:
    """The first free place for an endpoint. Refuses more than a tenant can have."""
    places = (f"{number:02d}" for number in range(MOST_ENDPOINTS))
    there = frozenset(taken)
    found = next((one for one in places if one not in there), None)
    if found is None:
        raise TooManyEndpoints
    return found
