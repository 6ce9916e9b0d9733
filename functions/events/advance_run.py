"""billing_run.started, billing_run.resumed → its documents"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.workflow import work
from invoicing.consumers.run_steps import STEP_REQUESTED, RunReference, RunStep, run_step
from invoicing.http.request import Request
from invoicing.outbox.deferring import defer


# Ten deliveries, six minutes apart: an outage of an hour delays a run and does not end it.
@run_step(
    "billing_run.started",
    "billing_run.resumed",
    grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH],
    attempts=10,
    batch=1,
)
def handler(run_id: str, request: Request) -> None:
    """Finalize the next documents of a billing run in blocks, and request the next step if any are left."""
    if work(request.store, run_id).is_active:
        defer(STEP_REQUESTED, RunStep(tenant_id=request.caller.tenant_id, resource=RunReference(id=run_id)))
