"""GET /billing-runs/{run_id}/results"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.errors import BillingRunNotFound
from invoicing.billing_runs.outcome import RunResult
from invoicing.billing_runs.requests import RunResultQuery
from invoicing.billing_runs.results import page_of_results
from invoicing.core.ids import BillingRunId
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint(
    "GET",
    "/billing-runs/{run_id}/results",
    scope="billing_run:read",
    grants=[Grant.READ],
    raises=[BillingRunNotFound],
)
def handler(run_id: BillingRunId, query: RunResultQuery, request: Request) -> Page[RunResult]:
    """List the results of a billing run, last first.

    One entry for each decided document; a refused one names the rules.
    """
    return page_of_results(request, run_id, query)
