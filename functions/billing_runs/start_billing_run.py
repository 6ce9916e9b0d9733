"""POST /billing-runs"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.dry_run import dry_run, dry_run_of_due, require_short
from invoicing.billing_runs.errors import BillingRunActive, NothingToBill
from invoicing.billing_runs.events import BillingRunStarted
from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.requests import StartBillingRun
from invoicing.billing_runs.starting import prepared
from invoicing.billing_runs.table import selection_of
from invoicing.core.errors import DateNotAllowed, InsufficientPermissions, SenderNotGranted
from invoicing.core.event import Recorded
from invoicing.http.declaration import Layer
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.errors import SenderMissing
from invoicing.tenants.table import tenant_of


@endpoint(
    "POST",
    "/billing-runs",
    scope="billing_run:write",
    status=202,
    grants=[Grant.READ, Grant.COMMIT],
    layers=[Layer.TEXTS],
    raises=[NothingToBill, BillingRunActive, DateNotAllowed, SenderMissing, SenderNotGranted],
)
def handler(body: StartBillingRun, request: Request) -> BillingRun:
    """Start a billing run over drafts or subscriptions.

    Also requires the scope `invoice:finalize`. It finalizes drafts, or creates the drafts of subscriptions that are due
    and finalizes them. The run continues in the background: retrieve it to see its progress. A draft that breaks a rule
    stays a draft, and its result names the rules. Only one run of a source is active at a time. With `dry_run` the
    response has the results, and nothing is written.
    """
    if "invoice:finalize" not in request.caller.scopes:
        raise InsufficientPermissions("The credentials lack the scope invoice:finalize.")
    store = request.store
    run, selected = prepared(store, tenant_of(store), body)
    if body.dry_run:
        require_short(selected)
        preview = dry_run if run.source == "drafts" else dry_run_of_due
        return store.answer(preview(store, run, selected.ids))
    return store.commit(Recorded(run, BillingRunStarted()), also=[selection_of(run.id, selected)])
