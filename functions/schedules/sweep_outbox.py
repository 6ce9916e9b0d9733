"""Every five minutes"""

from datetime import datetime, timedelta

from invoicing.adapters.outbox import forgotten
from invoicing.api.grants import Grant
from invoicing.api.schedule import schedule
from invoicing.workflows.outbox import publish_forgotten
from invoicing.workflows.time_limit import within

LATE = timedelta(minutes=2)
TIMEOUT = 290
WORKING = TIMEOUT - 30
"""For how many seconds it publishes; the next run goes on with the rest."""


@schedule("rate(5 minutes)", grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH, Grant.REACH_OUTBOX], timeout=TIMEOUT)
def handler(now: datetime) -> None:
    """Publish events that the stream did not publish."""
    publish_forgotten(within(WORKING, forgotten(now, LATE)))
