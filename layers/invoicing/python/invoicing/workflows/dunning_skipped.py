"""What stops dunning becomes an event and a metric, once for each invoice, level and reason."""

from datetime import date

from invoicing.adapters.dynamodb.levels import was_skipped
from invoicing.adapters.dynamodb.store import Store
from invoicing.domain.dunning_document_events import DunningSkipped
from invoicing.domain.dunning_skip import NEEDS_ACTION, DunningSkip
from invoicing.domain.dunning_step import Prospect
from invoicing.domain.invoice import InvoiceSummary
from invoicing.workflows.undelivered import count_skipped


def record_skipped(store: Store, invoice: InvoiceSummary, ahead: Prospect, today: date) -> None:
    """Record that an overdue invoice does not reach its next level, if somebody has to do something about it."""
    step, reason = ahead
    if reason is None or reason not in NEEDS_ACTION or (step is not None and step.on > today):
        return
    level = invoice.dunning_so_far.level + 1
    if was_skipped(store, invoice.id, level, reason):
        return
    event = DunningSkipped(level=level, reason=reason)
    # With the invoice, so that the event is about it.
    store.record(DunningSkip.of(invoice.id, level, reason, store.session.now), invoice, event)
    count_skipped([event])
