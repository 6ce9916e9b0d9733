"""The base of all events about an invoice, a credit note or a cancellation."""

from invoicing.core.event import About, Event
from invoicing.invoices.model import InvoiceSummary


class InvoiceEvent(Event):
    """An event about a document, or about its payments, mails, notes, links or reminders."""

    subject = InvoiceSummary


def about_document(invoice_id: str, *events: InvoiceEvent, deleted: bool = False) -> About:
    """Events about a document that does not change itself, in a commit of a resource that belongs to it."""
    return About(InvoiceSummary, invoice_id, *events, deleted=deleted)
