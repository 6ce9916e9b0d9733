"""Every hour"""

from datetime import datetime

from invoicing.adapters import hours
from invoicing.api.grants import Grant
from invoicing.api.schedule import schedule


@schedule("cron(0 * * * ? *)", grants=[Grant.PUBLISH])
def handler(now: datetime) -> None:
    """Begin to publish the hour to all tenants, part by part."""
    hours.begin_hour(now)
