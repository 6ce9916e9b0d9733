"""Every hour, for each tenant"""

from collections.abc import Callable
from functools import partial
from operator import call
from zoneinfo import ZoneInfo

from invoicing.aws.grants import Grant
from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.starting import start_run_of_hour
from invoicing.billing_runs.table import active_run_ids
from invoicing.consumers.batch import run_all_then_raise
from invoicing.consumers.hourly import hourly
from invoicing.consumers.run_steps import RunStep, request_step
from invoicing.http.declaration import Layer
from invoicing.http.request import Request
from invoicing.subscriptions.billing.units import review
from invoicing.tenants.model import Tenant


@hourly(grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH], layers=[Layer.TEXTS], timeout=300)
def handler(tenant: Tenant, request: Request) -> None:
    """Start the billing run of the subscriptions that are due, and review those that wait or change their status.

    By the tenant's date and hour. A subscription that was not billed before stays due. The next step of a run without
    progress for an hour is requested again, so that it does not hold up later runs.
    """
    store, local = request.store, request.now.astimezone(ZoneInfo(tenant.time_zone))
    steps: list[Callable[[], object]] = [partial(_continue_stalled, request, one) for one in active_run_ids(store)]
    steps += [partial(review, store, one) for one in start_run_of_hour(store, tenant, local)]
    run_all_then_raise(steps, call)


def _continue_stalled(request: Request, run_id: str) -> None:
    """Request the next step of a run without progress. If another message continues it too, one of both ends."""
    run = request.store.get(BillingRun, run_id)
    if run.is_stalled(request.now):
        request_step(RunStep.of(request.store.tenant_id, run_id), status=run.status, version=run.version)
