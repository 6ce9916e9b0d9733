"""POST /dunning-runs"""

from invoicing.aws.grants import Grant
from invoicing.core.event import Recorded
from invoicing.dunning.events import DunningRunRequested
from invoicing.dunning.requests import StartDunningRun
from invoicing.dunning.rule import DunningRule
from invoicing.dunning.run import DunningRun
from invoicing.dunning.workflow import due_and_skipped
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.table import moment_of


@endpoint("POST", "/dunning-runs", scope="dunning:write", grants=[Grant.READ, Grant.COMMIT])
def handler(body: StartDunningRun, request: Request) -> DunningRun:
    """Start a dunning run.

    The response lists the documents that the run creates, and the skipped invoices with the reason. With `dry_run`
    nothing is created. Without it, the reminders before due dates (level 0) are sent too; they have no documents.
    """
    store, moment = request.store, moment_of(request.store)
    rules = store.all(DunningRule)
    found, has_more = due_and_skipped(store, rules, moment.today)
    run = DunningRun.of(
        request.new_id("drn"),
        found,
        dry_run=body.dry_run,
        has_more=has_more,
        moment=moment,
    )
    return store.answer(run) if body.dry_run else store.commit(Recorded(run, DunningRunRequested()))
