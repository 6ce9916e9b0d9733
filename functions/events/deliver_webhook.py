"""A delivery that is due → its webhook endpoint"""

from invoicing.aws.grants import Grant
from invoicing.consumers.own_queue import queued
from invoicing.http.request import Request
from invoicing.webhooks.delivering import deliver
from invoicing.webhooks.fan_out import DeliveryMessage


# A worker waits for a receiver up to 15 seconds, and other endpoints do not wait for that worker.
@queued(
    "webhooks",
    detail=DeliveryMessage,
    grants=[Grant.READ, Grant.COMMIT, Grant.OPEN_SECRETS, Grant.QUEUE_WEBHOOKS, Grant.JUDGE_URLS],
    timeout=60,
    batch=1,
    concurrency=50,
)
def handler(message: DeliveryMessage, request: Request) -> None:
    """Send a delivery to its endpoint, and decide about the next attempt.

    It is sent at least once, always with the same id and bytes.
    """
    deliver(request.store, message)
