"""Every five minutes"""

from datetime import datetime, timedelta

from invoicing.adapters.outbox import NotPublished, forgotten, publish
from invoicing.api.grants import Grant
from invoicing.api.schedule import schedule

LATE = timedelta(minutes=2)


@schedule("rate(5 minutes)", grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH, Grant.REACH_OUTBOX])
def handler(now: datetime) -> None:
    """Publish events that the stream did not publish."""
    failed = publish(list(forgotten(now, LATE)))
    if failed:
        raise NotPublished(len(failed))
