"""Every event → the webhook endpoints of the tenant that subscribe to it"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request
from invoicing.webhooks.fan_out import fan_out


@bus_event(once=False, grants=[Grant.READ, Grant.COMMIT, Grant.QUEUE_WEBHOOKS])
def handler(event: BusEvent, request: Request) -> None:
    """Create a delivery for each webhook endpoint that subscribes to an event, and queue it.

    An endpoint has one delivery of an event, however often the event comes.
    """
    fan_out(request.store, event.model_dump())
