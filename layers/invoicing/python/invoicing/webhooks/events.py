"""Events about webhook endpoints."""

from typing import ClassVar, Literal

from invoicing.core.activity import ActionKey
from invoicing.core.event import Event
from invoicing.webhooks.model import WebhookEndpoint


class WebhookEndpointEvent(Event):
    """An event about a webhook endpoint."""

    subject = WebhookEndpoint
    action_key: ClassVar[ActionKey] = "STATUS"


class WebhookEndpointCreated(WebhookEndpointEvent):
    """A webhook endpoint was created."""

    name = "webhook_endpoint.created"
    action_key: ClassVar[ActionKey] = "CREATE"


class WebhookEndpointUpdated(WebhookEndpointEvent):
    """A webhook endpoint was updated."""

    name = "webhook_endpoint.updated"
    action_key: ClassVar[ActionKey] = "EDIT"


class WebhookSecretRotated(WebhookEndpointEvent):
    """A webhook endpoint got a new secret."""

    name = "webhook_endpoint.secret_rotated"
    action_key: ClassVar[ActionKey] = "EDIT"

    secret_id: str
    """Identifier of the new secret."""


class WebhookEndpointDeleted(WebhookEndpointEvent):
    """A webhook endpoint was deleted."""

    name = "webhook_endpoint.deleted"
    action_key: ClassVar[ActionKey] = "EDIT"


class WebhookFailing(WebhookEndpointEvent):
    """A webhook endpoint failed five times in a row. Until it succeeds, it gets one delivery at a time."""

    name = "webhook.failing"


class WebhookRecovered(WebhookEndpointEvent):
    """A failing webhook endpoint accepted a delivery again. The deliveries that waited follow."""

    name = "webhook.recovered"


class WebhookDisabled(WebhookEndpointEvent):
    """A webhook endpoint was disabled by the service. No delivery is lost: they wait for up to 30 days."""

    name = "webhook.disabled"

    reason: Literal["gone", "failing"]
    """`gone` if the endpoint responded 410, `failing` if it accepted nothing for five days."""


class WebhookActivated(WebhookEndpointEvent):
    """A user activated a webhook endpoint. The deliveries that waited follow."""

    name = "webhook.activated"
