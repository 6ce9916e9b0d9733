"""A step of a billing run over subscriptions → their drafts"""

from invoicing.aws.grants import Grant
from invoicing.billing_runs.drafting import draft_some
from invoicing.billing_runs.workflow import MOST_ATTEMPTS, take_step
from invoicing.consumers.run_steps import DRAFTING_REQUESTED, RunStep, request_step, run_step
from invoicing.http.declaration import Layer
from invoicing.http.request import Request


# Two more deliveries can park a run whose steps fail.
@run_step(
    DRAFTING_REQUESTED,
    grants=[Grant.READ, Grant.COMMIT, Grant.PUBLISH],
    layers=[Layer.TEXTS],
    attempts=MOST_ATTEMPTS + 2,
    batch=1,
)
def handler(step: RunStep, request: Request) -> None:
    """Create the drafts of a billing run over subscriptions in blocks.

    A refusal parks its subscription alone; others are billed.
    """
    run = take_step(request, step.resource.id, step.run_version, {"drafting": draft_some})
    if run is not None:
        request_step(step, status=run.status, version=run.version)
