"""Every hour, for each tenant"""

from invoicing.aws.grants import Grant
from invoicing.collection.expiring import expire, unused
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.http.request import Request
from invoicing.tenants.model import Tenant


@hourly(grants=[Grant.READ, Grant.COMMIT], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Let mandates expire that were not used for 36 months, and publish `payment_method.expired` once.

    Banks refuse direct debits of such mandates. The customer has to sign a new one.
    """
    today = tenant.today(request.now)
    run_all_then_raise(unused(request.store, today), lambda one: expire(request.store, one, today))
