"""GET /billing-runs"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.requests import BillingRunQuery
from invoicing.billing_runs.table import conditions_of, of_tenant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.store.listing import KeyRange


@endpoint("GET", "/billing-runs", scope="billing_run:read", grants=[Grant.READ])
def handler(query: BillingRunQuery, request: Request) -> Page[BillingRun]:
    """List billing runs, newest first."""
    return request.page(BillingRun, query, [KeyRange(of_tenant(request.caller.tenant_id))], conditions_of(query))
