"""events that change a balance → the changes and facts of its month, and the open documents"""

from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request
from invoicing.reports.facts.recording import record_facts
from invoicing.reports.table import change_at, put_change


@bus_event(
    "dunning.document_canceled",
    "dunning.document_created",
    "dunning.skipped",
    "invoice.canceled",
    "invoice.closed",
    "invoice.credit_voided",
    "invoice.credited",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_deleted",
    "invoice.payment_recorded",
    "invoice.reactivated",
    once=False,
    backlog=True,
    grants=[Grant.READ, Grant.COMMIT],
)
def handler(event: BusEvent, request: Request) -> None:
    """Record the change of a document's balance for the reports.

    The change comes from the timeline, so a repeated, late or early delivery writes the same rows. So do its facts by
    tax rate, because issued documents and earlier changes never change.
    """
    change = change_at(request.store, event.resource.id, event.id)
    if change is not None:
        put_change(event.tenant_id, change)
        record_facts(request.store, change)
