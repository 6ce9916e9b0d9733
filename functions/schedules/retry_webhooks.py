"""Every minute"""

from datetime import datetime

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import within
from invoicing.consumers.schedule import schedule
from invoicing.webhooks.fan_out import queue
from invoicing.webhooks.table import due_deliveries

TIMEOUT = 55
WORKING = TIMEOUT - 10


@schedule("rate(1 minute)", grants=[Grant.READ, Grant.QUEUE_WEBHOOKS, Grant.REACH_DUE], timeout=TIMEOUT)
def handler(now: datetime) -> None:
    """Queue the deliveries of webhooks whose next attempt is due.

    Queues of this kind cannot delay a single message. A delivery that is queued already is ignored by the queue.
    """
    for due in within(WORKING, due_deliveries(now)):
        queue(due.tenant_id, due.delivery)
