"""Every hour, for each tenant"""

from invoicing.aws.grants import Grant
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.http.request import Request
from invoicing.store.listing import ids_before
from invoicing.subscriptions.billing.announcing import announce, announced_until, candidates
from invoicing.subscriptions.table import steps_until, to_bill
from invoicing.tenants.model import Tenant


@hourly(grants=[Grant.READ, Grant.COMMIT], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Publish the events about next invoices, ends of trials and changes of prices, each once.

    As many days before as the tenant's `subscription_notices` state. Events that an outage missed are published
    afterwards, as long as their day is ahead.
    """
    today, notices = tenant.today(request.now), tenant.subscription_notices
    near = ids_before(to_bill(tenant.id), steps_until(announced_until(notices, today)))
    found = candidates(request.store, near, notices, today)
    run_all_then_raise(found, lambda subscription_id: announce(request.store, subscription_id, notices, today))
