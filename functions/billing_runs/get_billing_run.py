"""GET /billing-runs/{run_id}"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.errors import BillingRunNotFound
from invoicing.billing_runs.model import BillingRun
from invoicing.core.ids import BillingRunId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/billing-runs/{run_id}", scope="billing_run:read", grants=[Grant.READ], raises=[BillingRunNotFound])
def handler(run_id: BillingRunId, request: Request) -> BillingRun:
    """Retrieve a billing run with its progress."""
    return request.store.get(BillingRun, run_id)
