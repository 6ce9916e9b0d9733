"""POST /billing-runs/{run_id}/cancel"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.errors import BillingRunNotFound
from invoicing.billing_runs.events import BillingRunCanceled
from invoicing.billing_runs.model import BillingRun
from invoicing.core.event import Recorded
from invoicing.core.ids import BillingRunId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.invoices.errors import InvalidState


@endpoint(
    "POST",
    "/billing-runs/{run_id}/cancel",
    scope="billing_run:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[BillingRunNotFound, InvalidState],
)
def handler(run_id: BillingRunId, request: Request) -> BillingRun:
    """Cancel a billing run.

    The documents that it has finalized stay; the others stay drafts. Subscriptions that would have issued them wait for
    a user, with `BILLING_RUN_CANCELED` in `attention`, until their drafts are finalized or deleted.
    """
    run = request.store.get(BillingRun, run_id).canceled(request.moment)
    return request.store.commit(Recorded(run, BillingRunCanceled()))
