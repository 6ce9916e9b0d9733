"""The base of all events about an invoice, a credit note or a cancellation."""

from invoicing.core.event import About, Event
from invoicing.invoices.model import InvoiceSummary


class InvoiceEvent(Event):
    """Something that happened to a document, or to what belongs to it: payments, mails, notes, links, reminders."""

    subject = InvoiceSummary


def about_document(invoice_id: str, *events: InvoiceEvent, deleted: bool = False) -> About:
    """Events about a document that does not change itself, in a commit of what belongs to it."""
    return About(InvoiceSummary, invoice_id, *events, deleted=deleted)
