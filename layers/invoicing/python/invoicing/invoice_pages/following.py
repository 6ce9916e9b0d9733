"""From the page of a canceled document to the page of the one that succeeds it."""

from contextlib import suppress

from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.workflow import store_link
from invoicing.invoice_pages.model import successor_token
from invoicing.invoice_pages.table import PageTable
from invoicing.invoice_pages.workflow import TokenPage, linked
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.store.store import Store
from invoicing.users.model import digest

MOST_CORRECTIONS = 10
"""The most corrections of corrections that a page looks through."""


def successor_of(store: Store, document: Invoice) -> InvoiceSummary | None:
    """The newest issued correction of a canceled document, else its cancellation, for the same customer.

    A cancellation leads on to the correction of the document that it cancels.
    """
    newest, following = None, _canceled_by(store, document) if document.type == "cancellation" else document
    for _ in range(MOST_CORRECTIONS):
        following = following and _issued(store, following.correction_id, document.customer_id)
        newest = following or newest
    return newest or _issued(store, document.cancellation_id, document.customer_id)


def _canceled_by(store: Store, cancellation: Invoice) -> InvoiceSummary | None:
    """The document that a cancellation cancels."""
    named = (_issued(store, one.invoice_id, cancellation.customer_id) for one in cancellation.references)
    return next((one for one in named if one and one.cancellation_id == cancellation.id), None)


def _issued(store: Store, id_: str | None, customer_id: str | None) -> InvoiceSummary | None:
    with suppress(InvoiceNotFound):  # The draft of a correction can be deleted.
        found = store.get(InvoiceSummary, id_) if id_ else None
        if found and found.status is not Status.DRAFT and found.customer_id == customer_id:
            return found
    return None


def token_of_successor(page: TokenPage, page_token: str, link_id: str) -> str:
    """The token of the successor's page, whose link lives as long as that of the document; without one, its own."""
    store, link = page.store, page.link
    successor = successor_of(store, store.get(Invoice, link.invoice_id))
    if successor is None:
        return page_token
    token = successor_token(page_token, successor.id)
    try:
        PageTable().found(store, digest(token))
    except LinkNotFound:
        seconds = int((link.expires_at - store.session.now).total_seconds())
        store_link(store, linked(store.session, link_id, successor.id, token, seconds=seconds))
    return token
