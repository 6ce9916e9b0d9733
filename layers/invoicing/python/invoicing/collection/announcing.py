"""Announcing direct debits in time."""

from collections.abc import Iterator
from datetime import date
from itertools import batched

from invoicing.collection.events import CollectionAnnounced
from invoicing.collection.model import PaymentMethod
from invoicing.collection.ready import Candidate, collectable, method_for
from invoicing.collection.target_days import target_day_from
from invoicing.core.errors import SenderNotGranted
from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.core.model import days_after
from invoicing.customers.model import Customer
from invoicing.customers.table import tenant_and_customer
from invoicing.dunning.table import open_by
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.mail.model import OutgoingMail
from invoicing.mail.table import posting
from invoicing.payments.direct_debit import DebitNotice, InvoiceCollection
from invoicing.store.reading import KEYS_A_CALL, items_at
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.errors import SenderMissing
from invoicing.tenants.model import Tenant
from invoicing.transactions.table import debit_under_way


def candidates(store: Store, tenant: Tenant, today: date) -> Iterator[str]:
    """The ids of invoices whose direct debit may have to be announced today; none without a creditor identifier."""
    if tenant.creditor_id is None:
        return
    last = days_after(today, tenant.collection.prenotification_days)
    for some in batched(open_by(store.tenant_id, last), KEYS_A_CALL, strict=False):
        found = items_at([invoice_key(store.tenant_id, id_) for id_ in some])
        for invoice in (store.take(InvoiceSummary, item) for item in found.values()):
            if invoice.payment_method == "sepa_direct_debit" and not _waits(invoice, tenant, today):
                yield invoice.id


def announce(store: Store, invoice_id: str, today: date) -> None:
    """Announce the direct debit of an invoice by a mail, unless the customer knows of it in time.

    One commit has the announcement, the mail and the event.
    """
    retry_on_conflict(store, lambda fresh: _announce(fresh, invoice_id, today))


def _announce(store: Store, invoice_id: str, today: date) -> None:
    invoice = store.get(InvoiceSummary, invoice_id)
    tenant, customer = tenant_and_customer(store, invoice.customer_id)
    if customer is None or tenant.creditor_id is None or _waits(invoice, tenant, today):
        return
    earliest = days_after(today, tenant.collection.prenotification_days)
    day = target_day_from(max(invoice.due_date or earliest, earliest))
    methods = store.all(PaymentMethod, customer.id)
    if collectable(Candidate(invoice, methods, has_debit=False), tenant, day).reason != "not_announced":
        return
    method = method_for(invoice, methods, day)
    if method is None or debit_under_way(store, invoice.id) or not _reaches(store, tenant, customer):
        return
    at = store.session.now
    notice = DebitNotice(
        mandate_reference=method.mandate.reference,
        creditor_id=tenant.creditor_id,
        amount=invoice.due,
        collected_on=day,
        announced_at=at,
        mail_id=new_id("mail", at),
    )
    mail = OutgoingMail.announcement(notice.mail_id or "", invoice.id, notice, customer.mailed_to("invoices"), at=at)
    collection = (invoice.collection or InvoiceCollection()).announced(notice)
    event = CollectionAnnounced(
        mail_id=mail.id, mandate_reference=notice.mandate_reference, amount=notice.amount, collected_on=day
    )
    store.record(Recorded(invoice.with_collection(collection, at), event), mail)


def _waits(invoice: InvoiceSummary, tenant: Tenant, today: date) -> bool:
    """Whether the announcement waits a day: for the document of today, which may announce it, or after a lost mail."""
    notice = invoice.collection and invoice.collection.notice
    if not notice:
        return False
    if notice.mail_id is None:
        return invoice.sent_at is None and invoice.issue_date == today
    return notice.lost and notice.announced_at is not None and tenant.today(notice.announced_at) >= today


def _reaches(store: Store, tenant: Tenant, customer: Customer) -> bool:
    """Whether a mail to the customer can be sent now."""
    try:
        tenant.require_sender()
    except (SenderMissing, SenderNotGranted):
        return False
    recipients = customer.mailed_to("invoices")
    _, post = posting(store, recipients)
    return bool(post.deliverable(recipients)) and post.today < tenant.email_daily_limit
