"""The content of an invoice page, and the record of its views."""

from contextlib import suppress
from datetime import date
from itertools import chain, islice

from invoicing.core.activity import Activity
from invoicing.core.model import local_date
from invoicing.documents.pages.invoice import Shown
from invoicing.downloads.document_read import DocumentRead
from invoicing.downloads.reading import record_or_defer
from invoicing.invoice_pages.events import InvoiceViewed
from invoicing.invoice_pages.following import successor_of
from invoicing.invoice_pages.table import ViewedToday, viewed_on
from invoicing.invoice_pages.workflow import TokenPage
from invoicing.invoices.model import Invoice
from invoicing.mail.sent import record_sent
from invoicing.store.listing import Condition, examined
from invoicing.store.store import Store
from invoicing.store.table import read_item
from invoicing.tenants.model import Tenant
from invoicing.timeline.table import timeline
from invoicing.users.table import authors

MOST_COMMENTS = 100
_PUBLIC = (Condition("public", "=", value=True), Condition("action_key", "=", "COMMENT"))


def shown_on(page: TokenPage, token: str) -> Shown:
    """The content of a page at this moment."""
    store = page.store.showing()
    invoice = store.get(Invoice, page.link.invoice_id)
    tenant = store.get(Tenant)
    return Shown(
        invoice,
        token,
        today=local_date(store.session.now, tenant.time_zone),
        time_zone=tenant.time_zone,
        comments=_public_comments(store, invoice.id),
        successor=successor_of(store, invoice),
    )


def _public_comments(store: Store, invoice_id: str) -> tuple[Activity, ...]:
    """The public comments of a document with the names of their authors, oldest first."""
    pages = examined(timeline(store.tenant_id, invoice_id), _PUBLIC, page=MOST_COMMENTS)
    items = islice(chain.from_iterable(page.items for page in pages), MOST_COMMENTS)
    comments = [one for item in items if (one := read_item(Activity, item, shows=True)).deleted_at is None]
    users = authors(store, set().union(*(comment.people for comment in comments)))
    return tuple(comment.naming(users) for comment in comments)


def record_view(page: TokenPage, today: date) -> None:
    """Record in the timeline that a person viewed the page, once a day. The document counts as sent then.

    The viewer does not wait for a busy table: a consumer records the read then, and the next view is recorded here.
    """
    link = page.link
    if not page.is_person or (page.viewed_on is not None and page.viewed_on >= today.isoformat()):
        return
    viewed = InvoiceViewed(link_id=link.id, network=page.network)
    read = DocumentRead(tenant_id=page.store.tenant_id, invoice_id=link.invoice_id, read_at=page.store.session.now)

    def record(store: Store) -> None:
        with suppress(ViewedToday):
            record_sent(store, link.invoice_id, viewed, also=[viewed_on(link.digest, today)])

    record_or_defer(page.store, read, record)
