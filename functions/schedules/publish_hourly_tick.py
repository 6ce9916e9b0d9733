"""Every hour"""

from datetime import datetime

from invoicing.aws.grants import Grant
from invoicing.consumers.schedule import schedule
from invoicing.outbox import hourly_tick


@schedule("cron(0 * * * ? *)", grants=[Grant.PUBLISH])
def handler(now: datetime) -> None:
    """Start to publish the hour to all tenants, part by part."""
    hourly_tick.publish_hourly_tick(now)
