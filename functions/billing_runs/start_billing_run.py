"""POST /billing-runs"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.collecting import first_selection, nothing_selected
from invoicing.billing_runs.dry_run import dry_run, require_short
from invoicing.billing_runs.errors import BillingRunActive, NothingToBill
from invoicing.billing_runs.events import BillingRunStarted
from invoicing.billing_runs.model import BillingRun, Brake
from invoicing.billing_runs.requests import StartBillingRun
from invoicing.billing_runs.table import recent_runs, selection_of
from invoicing.core.errors import DateNotAllowed, InsufficientPermissions, SenderNotGranted
from invoicing.core.event import Recorded
from invoicing.core.model import values_of
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
    raises=[NothingToBill, BillingRunActive, DateNotAllowed, SenderMissing, SenderNotGranted],
)
def handler(body: StartBillingRun, request: Request) -> BillingRun:
    """Start a billing run that finalizes many drafts.

    Also requires the scope `invoice:finalize`. The run continues in the background: retrieve it to see its progress. A
    draft that breaks a rule stays a draft, and its result names the rules. Only one run of a source is active at a
    time. With `dry_run` the response has the results, and nothing is finalized.
    """
    if "invoice:finalize" not in request.caller.scopes:
        raise InsufficientPermissions("The credentials lack the scope invoice:finalize.")
    store, tenant = request.store, tenant_of(request.store)
    if body.issue_date is not None:
        tenant.require_issue_date(body.issue_date, tenant.today(request.now))
    if body.send:
        tenant.require_sender("/send")
    selected = first_selection(store, body)
    if not selected.ids and selected.after is None:
        raise nothing_selected(body)
    finalized = [one.counts.finalized for one in recent_runs(store, body.source)]
    options = values_of(body, ("issue_date", "send", "filter"))
    run = BillingRun.started(
        request.new_id("brn"),
        body.source,
        options | {"brake": body.brake.applied_to(Brake.after_runs(finalized))},
        selected=len(selected.ids),
        ended=selected.after is None,
        moment=request.moment,
    )
    if body.dry_run:
        require_short(selected)
        return store.answer(dry_run(store, run, selected.ids))
    return store.commit(Recorded(run, BillingRunStarted()), also=[selection_of(run.id, selected)])
