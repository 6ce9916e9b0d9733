"""Every five minutes"""

from datetime import datetime, timedelta

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import within
from invoicing.consumers.schedule import schedule
from invoicing.outbox.publishing import publish_overdue
from invoicing.outbox.rows import overdue_rows

LATE = timedelta(minutes=2)
TIMEOUT = 290
WORKING = TIMEOUT - 30
"""Seconds that it publishes for; the next run continues with the rest."""


@schedule("rate(5 minutes)", grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH, Grant.REACH_OUTBOX], timeout=TIMEOUT)
def handler(now: datetime) -> None:
    """Publish events that the stream did not publish."""
    publish_overdue(within(WORKING, overdue_rows(now, LATE)))
