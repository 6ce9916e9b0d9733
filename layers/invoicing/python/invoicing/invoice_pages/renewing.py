"""New links to a page whose link expired, mailed to the addresses that the document itself was mailed to."""

from contextlib import suppress

from invoicing.core.errors import NotFound, SenderNotGranted
from invoicing.core.event import Recorded
from invoicing.core.model import local_date
from invoicing.documents.deposit_words import document_name
from invoicing.documents.texts.wording import Wording
from invoicing.invoice_pages.errors import RenewalLimitReached
from invoicing.invoice_pages.model import PageLink
from invoicing.invoice_pages.table import renewed
from invoicing.invoice_pages.workflow import TokenPage
from invoicing.invoices.errors import NoRecipient
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import customer_of
from invoicing.mail.errors import AddressSuppressed, EmailLimitReached
from invoicing.mail.events import EmailRequested
from invoicing.mail.model import OutgoingMail, Sending
from invoicing.mail.table import posting
from invoicing.store.store import Store
from invoicing.tenants.errors import SenderMissing
from invoicing.tenants.mail_text import fill

_NOT_MAILED = (
    NotFound,
    NoRecipient,
    SenderMissing,
    SenderNotGranted,
    AddressSuppressed,
    EmailLimitReached,
    RenewalLimitReached,
)


def renew(page: TokenPage, mail_id: str) -> None:
    """Mail a new link in place of an expired or revoked one, where that is possible.

    The holder of the old link does not learn whether it was, and to which addresses.
    """
    if not page.link.is_live(page.store.session.now):
        with suppress(*_NOT_MAILED):
            _mail_new_link(page.store, page.link, mail_id)


def _mail_new_link(store: Store, link: PageLink, mail_id: str) -> None:
    invoice = store.get(Invoice, link.invoice_id)
    to, now = _addresses(store, link, invoice), store.session.now
    tenant, post = posting(store, to)
    tenant.require_sender()
    post.require(to, tenant.email_daily_limit)
    words = Wording.of(invoice.language)
    subject, text = (fill(one, {"title": document_name(invoice, words)}) for one in words.texts.page_mail)
    sending = Sending(to=to, subject=subject, message=text, attach_pdf=False)
    mail = OutgoingMail.of(mail_id, invoice.id, sending, at=now)
    once_more = renewed(link.digest, local_date(now, tenant.time_zone))
    store.record(Recorded(invoice, EmailRequested.of(mail)), mail, also=[once_more])


def _addresses(store: Store, link: PageLink, invoice: Invoice) -> tuple[str, ...]:
    """The recipients of the mail with the link, or for a link without a mail those of the document."""
    if link.mail_id is not None:
        return store.get(OutgoingMail, invoice.id, link.mail_id).to
    return invoice.recipients(customer_of(store, invoice))
