"""Every hour, for each tenant"""

from itertools import batched
from zoneinfo import ZoneInfo

from invoicing.aws.grants import Grant
from invoicing.consumers.hourly import hourly
from invoicing.http.request import Request
from invoicing.outbox.deferring import defer
from invoicing.store.listing import ids_before
from invoicing.subscriptions.billing.units_due import UNITS_DUE, UnitsDue
from invoicing.subscriptions.table import due_until, to_bill
from invoicing.tenants.model import Tenant

UNITS_A_MESSAGE = 10


@hourly(grants=[Grant.READ, Grant.PUBLISH], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Request the billing of the subscriptions that are due, by tens.

    By the tenant's date and hour. A subscription that was not billed before stays due.
    """
    local = request.now.astimezone(ZoneInfo(tenant.time_zone))
    due = ids_before(to_bill(tenant.id), due_until(local))
    parts = batched(due, UNITS_A_MESSAGE, strict=False)
    defer(UNITS_DUE, *(UnitsDue(tenant_id=tenant.id, subscription_ids=some) for some in parts))
