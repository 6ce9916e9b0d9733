"""events of issued documents → locked audit entries"""

from datetime import datetime, timedelta

from invoicing.aws.files import store_once
from invoicing.aws.grants import Grant
from invoicing.consumers.bus_events import BusEvent, bus_event
from invoicing.http.request import Request


@bus_event(
    "dunning.document_canceled",
    "dunning.document_created",
    "invoice.canceled",
    "invoice.closed",
    "invoice.credit_voided",
    "invoice.credited",
    "invoice.deposit_deducted",
    "invoice.deposit_released",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_deleted",
    "invoice.payment_recorded",
    "invoice.reactivated",
    "invoice.sent",
    opt_in="object_lock",
    grants=[Grant.READ, Grant.WRITE_FILES, Grant.RETAIN_FILES],
)
def handler(event: BusEvent, request: Request) -> None:
    """Store the audit entry of an issued document, locked as long as the documents of its year (§ 147 AO).

    Events of drafts, customers and e-mails are not among them: their personal data must remain erasable. An entry of
    the last day of a year can be locked a year longer than its document.
    """
    content = event.model_dump_json().encode()
    # The document is dated in the tenant's time zone, and no zone is further ahead.
    on = (datetime.fromisoformat(event.occurred_at) + timedelta(hours=14)).date()
    tenant, owner = request.caller.tenant_id, {"event_id": event.id}
    store_once(tenant, event.id, content, "application/json", owner=owner, issued=on)
