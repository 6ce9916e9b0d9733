"""Every hour, for each tenant"""

from zoneinfo import ZoneInfo

from invoicing.aws.grants import Grant
from invoicing.billing_runs.starting import start_run_of_hour
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.http.declaration import Layer
from invoicing.http.request import Request
from invoicing.subscriptions.billing.units import review
from invoicing.tenants.model import Tenant


@hourly(grants=[Grant.READ, Grant.COMMIT], layers=[Layer.TEXTS], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Start the billing run of the subscriptions that are due, and review those that wait or change their status.

    By the tenant's date and hour. A subscription that was not billed before stays due.
    """
    local = request.now.astimezone(ZoneInfo(tenant.time_zone))
    others = start_run_of_hour(request.store, tenant, local)
    run_all_then_raise(others, lambda subscription_id: review(request.store, subscription_id))
