"""Comments of the customer, from the page of a document."""

from contextlib import suppress

from invoicing.core.model import local_date
from invoicing.invoice_pages.table import CommentedAlready, commented
from invoicing.invoice_pages.workflow import TokenPage
from invoicing.invoices.event import about_document
from invoicing.tenants.model import Tenant
from invoicing.timeline.events import InvoiceCommented


def comment_on(page: TokenPage, text: str) -> None:
    """Add a public comment of the customer to a document, at most five a day and link."""
    link, store = page.link, page.store
    today = local_date(store.session.now, store.get(Tenant).time_zone)
    comment = InvoiceCommented(text=text, public=True, by_customer=True, link_id=link.id)
    with suppress(CommentedAlready):
        store.append(about_document(link.invoice_id, comment), also=[commented(link.digest, today, text)])
