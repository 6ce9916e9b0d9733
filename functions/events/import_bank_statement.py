"""bank_statement.uploaded → its transactions"""

from invoicing.aws.grants import Grant
from invoicing.bank.importing import IMPORT_REQUESTED, MOST_ATTEMPTS, advance_import
from invoicing.consumers.run_steps import RunStep, run_step
from invoicing.http.request import Request
from invoicing.outbox.deferring import defer


# Two more deliveries can mark an import as failed.
@run_step(
    "bank_statement.uploaded",
    IMPORT_REQUESTED,
    grants=[Grant.READ, Grant.COMMIT, Grant.READ_FILES, Grant.PUBLISH],
    attempts=MOST_ATTEMPTS + 2,
    batch=1,
)
def handler(step: RunStep, request: Request) -> None:
    """Import the entries of a bank statement in chunks, and request the next step if any are left."""
    statement = advance_import(request.store, step.resource.id, delivery=request.delivery, version=step.run_version)
    if statement is not None:
        defer(IMPORT_REQUESTED, step.model_copy(update={"run_version": statement.version}))
