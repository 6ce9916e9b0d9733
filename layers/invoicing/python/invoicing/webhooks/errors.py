"""Refusals about webhook endpoints and deliveries."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class EndpointNotFound(NotFound):
    """The webhook endpoint does not exist.

    Check the identifier; list the webhook endpoints to find it.
    """

    code = "ENDPOINT_NOT_FOUND"


class UrlNotAllowed(RuleBroken):
    """Webhooks cannot be sent to this URL.

    Use `https` with a public host name and the standard port. IP addresses, user names and passwords are not allowed.
    """

    code = "URL_NOT_ALLOWED"


class TooManyEndpoints(DomainError):
    """The tenant has 20 webhook endpoints already.

    Delete an endpoint that is not used, or subscribe an existing one to more events.
    """

    code = "TOO_MANY_ENDPOINTS"
    category = Category.CONFLICT


class SecretsRotating(DomainError):
    """The endpoint has two valid secrets already.

    Wait until the older secret expires, as `secrets` in the endpoint states.
    """

    code = "SECRETS_ROTATING"
    category = Category.CONFLICT


class DeliveryNotFound(NotFound):
    """The delivery does not exist.

    Deliveries are kept for 30 days. List the deliveries of the endpoint to find it.
    """

    code = "DELIVERY_NOT_FOUND"


class WrongEndpointKind(DomainError):
    """The kind of the endpoint does not allow this.

    Test endpoints that events are pushed to; acknowledge deliveries of endpoints that are polled.
    """

    code = "WRONG_ENDPOINT_KIND"
    category = Category.CONFLICT
