"""billing_run.started, billing_run.resumed → its documents"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.workflow import park, work
from invoicing.consumers.run_steps import STEP_REQUESTED, RunStep, run_step
from invoicing.http.request import Request
from invoicing.outbox.deferring import defer

MOST_ATTEMPTS = 10


# Deliveries are six minutes apart: an outage of an hour delays a run and does not end it. Two more can park the run.
@run_step(
    "billing_run.started",
    "billing_run.resumed",
    grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH],
    attempts=MOST_ATTEMPTS + 2,
    batch=1,
)
def handler(step: RunStep, request: Request) -> None:
    """Finalize the next documents of a billing run in blocks, and request the next step if any are left.

    A step that failed ten times parks the run. One that another step has overtaken does nothing, so that the steps of a
    run that was requested twice become one sequence again.
    """
    if request.delivery > MOST_ATTEMPTS:
        park(request.store, step.resource.id)
        return
    # A delivery that is repeated may have advanced the run itself.
    run = work(request.store, step.resource.id, step.run_version if request.delivery == 1 else None)
    if run is not None and run.is_active:
        defer(STEP_REQUESTED, RunStep(tenant_id=step.tenant_id, resource=step.resource, run_version=run.version))
