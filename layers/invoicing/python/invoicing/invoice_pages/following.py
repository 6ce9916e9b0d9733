"""From the page of a canceled document to the page of the one that succeeds it."""

from contextlib import suppress

from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.workflow import store_link
from invoicing.invoice_pages.model import successor_token
from invoicing.invoice_pages.table import PageTable
from invoicing.invoice_pages.workflow import TokenPage, linked
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.store.store import Store
from invoicing.users.model import digest


def successor_of(store: Store, invoice: InvoiceSummary) -> InvoiceSummary | None:
    """The issued correction of a canceled document, else its cancellation, for the same customer."""
    for id_ in filter(None, (invoice.correction_id, invoice.cancellation_id)):
        with suppress(InvoiceNotFound):  # The draft of a correction can be deleted.
            found = store.get(InvoiceSummary, id_)
            if found.status is not Status.DRAFT and found.customer_id == invoice.customer_id:
                return found
    return None


def token_of_successor(page: TokenPage, page_token: str, link_id: str) -> str:
    """The token of the successor's page, whose link lives as long as that of the document; without one, its own."""
    store, link = page.store, page.link
    successor = successor_of(store, store.get(InvoiceSummary, link.invoice_id))
    if successor is None:
        return page_token
    token = successor_token(page_token, successor.id)
    try:
        PageTable().found(store, digest(token))
    except LinkNotFound:
        seconds = int((link.expires_at - store.session.now).total_seconds())
        store_link(store, linked(store.session, link_id, successor.id, token, seconds=seconds))
    return token
