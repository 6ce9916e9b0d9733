"""POST /billing-runs/{run_id}/resume"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.collecting import is_selected
from invoicing.billing_runs.errors import BillingRunActive, BillingRunNotFound
from invoicing.billing_runs.events import BillingRunResumed
from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.requests import ResumeBillingRun
from invoicing.billing_runs.skipping import left_out
from invoicing.core.event import Recorded
from invoicing.core.ids import BillingRunId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState


@endpoint(
    "POST",
    "/billing-runs/{run_id}/resume",
    scope="billing_run:write",
    status=202,
    grants=[Grant.READ, Grant.COMMIT],
    raises=[BillingRunNotFound, InvalidState, BillingRunActive],
)
def handler(run_id: BillingRunId, body: ResumeBillingRun, request: Request) -> BillingRun:
    """Resume a parked billing run.

    It continues after the last decided document. A run parked by its brake is parked again unless that bound is raised.
    """
    run = request.store.get(BillingRun, run_id)
    ended = is_selected(request.store, run)
    resumed = run.resumed(body.brake.applied_to(run.brake), request.moment, ended=ended)
    without = left_out(request.store, run, body.skip)
    return request.store.commit(Recorded(resumed.leaving_out(without.more), BillingRunResumed()), also=without.writes)
