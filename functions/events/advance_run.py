"""billing_run.started, billing_run.resumed, billing_run.canceled → its documents"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.collecting import collect
from invoicing.billing_runs.workflow import MOST_ATTEMPTS, finalize_some, take_step
from invoicing.consumers.run_steps import STEP_REQUESTED, RunStep, request_step, run_step
from invoicing.http.request import Request


# Two more deliveries can park a run whose steps fail.
@run_step(
    "billing_run.started",
    "billing_run.resumed",
    "billing_run.canceled",
    STEP_REQUESTED,
    grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH],
    attempts=MOST_ATTEMPTS + 2,
    batch=1,
)
def handler(step: RunStep, request: Request) -> None:
    """Finalize the next documents of a billing run in blocks, and request the next step if any are left.

    After its cancellation, the subscriptions of the drafts that it left wait for a user.
    """
    run = take_step(request, step.resource.id, step.run_version, {"collecting": collect, "finalizing": finalize_some})
    if run is not None:
        request_step(step, status=run.status, version=run.version)
