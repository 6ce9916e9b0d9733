"""webhook.recovered, webhook.activated → the deliveries that waited"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request
from invoicing.webhooks.delivering import release


@bus_event(
    "webhook.activated",
    "webhook.recovered",
    once=False,
    grants=[Grant.READ, Grant.COMMIT, Grant.QUEUE_WEBHOOKS],
    timeout=300,
    batch=1,
)
def handler(event: BusEvent, request: Request) -> None:
    """Queue the deliveries that waited for an endpoint, oldest first.

    A repetition continues with those that are not queued yet.
    """
    release(request.store, event.resource.id)
