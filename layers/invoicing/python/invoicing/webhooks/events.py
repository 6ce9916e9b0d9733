"""Events about webhook endpoints."""

from typing import Literal

from invoicing.core.event import Event
from invoicing.webhooks.model import WebhookEndpoint


class WebhookEndpointCreated(Event):
    """A webhook endpoint was created."""

    subject = WebhookEndpoint
    name = "webhook_endpoint.created"
    action_key = "CREATE"


class WebhookEndpointUpdated(Event):
    """A webhook endpoint was updated."""

    subject = WebhookEndpoint
    name = "webhook_endpoint.updated"
    action_key = "EDIT"


class WebhookSecretRotated(Event):
    """A webhook endpoint got a new secret."""

    subject = WebhookEndpoint
    name = "webhook_endpoint.secret_rotated"
    action_key = "EDIT"

    secret_id: str
    """Identifier of the new secret."""


class WebhookEndpointDeleted(Event):
    """A webhook endpoint was deleted."""

    subject = WebhookEndpoint
    name = "webhook_endpoint.deleted"
    action_key = "EDIT"


class WebhookFailing(Event):
    """A webhook endpoint failed five times in a row. Until it succeeds, it gets one delivery at a time."""

    subject = WebhookEndpoint
    name = "webhook.failing"
    action_key = "STATUS"


class WebhookRecovered(Event):
    """A failing webhook endpoint accepted a delivery again. The deliveries that waited follow."""

    subject = WebhookEndpoint
    name = "webhook.recovered"
    action_key = "STATUS"


class WebhookDisabled(Event):
    """A webhook endpoint was disabled by the service. No delivery is lost: they wait for up to 30 days."""

    subject = WebhookEndpoint
    name = "webhook.disabled"
    action_key = "STATUS"

    reason: Literal["gone", "failing"]
    """`gone` if the endpoint responded 410, `failing` if it accepted nothing for five days."""


class WebhookActivated(Event):
    """A user activated a webhook endpoint. The deliveries that waited follow."""

    subject = WebhookEndpoint
    name = "webhook.activated"
    action_key = "STATUS"
