"""Every hour"""

from datetime import datetime

from invoicing.adapters.hours import strike
from invoicing.api.grants import Grant
from invoicing.api.schedule import schedule


@schedule("cron(0 * * * ? *)", grants=[Grant.LIST_TENANTS, Grant.PUBLISH])
def handler(now: datetime) -> None:
    """Tell that an hour began, to each tenant by itself: what is due is then looked for by the tenant's own date."""
    strike(now)
