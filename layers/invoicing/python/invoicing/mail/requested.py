"""Sends a requested mail, composed from the current state."""

from collections.abc import Iterable
from datetime import datetime

from invoicing.collection.mail import announcement_mail
from invoicing.core.errors import ConcurrentModification, SenderNotGranted
from invoicing.core.identity import Caller
from invoicing.core.ids import new_id, twin
from invoicing.dunning.document import DunningDocument
from invoicing.dunning.mail import dunning_mail, reminder_mail
from invoicing.dunning.undelivered import NOTHING_DUE
from invoicing.invoices.model import Invoice
from invoicing.mail.confirming import CANCELLATION_CHANGED, confirmation_mail
from invoicing.mail.model import OutcomePending, OutgoingMail
from invoicing.mail.receipt import receipt_mail
from invoicing.mail.statement import statement_mail
from invoicing.mail.table import DeferredMail, posting
from invoicing.mail.words import invoice_mail, invoice_words
from invoicing.mail.workflow import AttemptOutcome, Composed, attachments, deliver, link_in, page_in, record_failed
from invoicing.settlement.errors import PaymentReversed
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.errors import SenderMissing
from invoicing.tenants.model import Tenant
from invoicing.webhooks.mail import ENDPOINT_CHANGED, disabled_mail


def send_requested(store: Store, outgoing: OutgoingMail, *, link_id: str, event_id: str) -> AttemptOutcome:
    """Send a mail unless it is settled.

    `link_id` is the id of the link that its text may contain; a link to the page is its twin. SES repeats `event_id` in
    all its events about the mail.
    """
    if outgoing.settled:
        return AttemptOutcome.SETTLED
    tenant, post = posting(store, (*outgoing.to, *outgoing.cc, *outgoing.bcc))
    try:
        tenant.require_sender()
    except (SenderMissing, SenderNotGranted) as refused:
        record_failed(store, outgoing, refused.code)
        return AttemptOutcome.SETTLED
    composed = _composed(store, outgoing, tenant, link_id)
    if isinstance(composed, str):
        record_failed(store, outgoing, composed)
        return AttemptOutcome.SETTLED
    return deliver(store, outgoing, composed, tenant=tenant, post=post, event_id=event_id)


def _composed(store: Store, outgoing: OutgoingMail, tenant: Tenant, link_id: str) -> Composed | str:
    """The mail with its files, or the reason why it is not valid any more."""
    if outgoing.subscription_id is not None:
        mail = confirmation_mail(store, outgoing, tenant)
        return Composed(mail, []) if mail else CANCELLATION_CHANGED
    if outgoing.statement is not None:
        return Composed(*statement_mail(store, outgoing, outgoing.statement, tenant))
    if outgoing.endpoint_id is not None:
        mail = disabled_mail(store, outgoing, outgoing.endpoint_id, tenant)
        return Composed(mail, []) if mail else ENDPOINT_CHANGED
    invoice, page_id = store.get(Invoice, outgoing.subject_id), twin("pgl", link_id)
    if outgoing.payment_id is not None:
        return receipt_mail(store, outgoing, invoice, tenant, page_id) or PaymentReversed.code
    if outgoing.debit is not None:
        return announcement_mail(store, outgoing, outgoing.debit, invoice, tenant, page_id) or NOTHING_DUE
    if outgoing.rule_id is not None:
        return reminder_mail(store, outgoing, invoice, tenant, page_id) or NOTHING_DUE
    if outgoing.document_id is None:
        words = invoice_words(invoice, tenant, outgoing)
        link, page = link_in(words, store, invoice, outgoing, link_id), page_in(words, store, outgoing, page_id)
        mail = invoice_mail(words, invoice, tenant, outgoing, link, page)
        return Composed(mail, attachments(store, invoice, outgoing), [one for one in (link, page) if one])
    document = store.get(DunningDocument, outgoing.document_id)
    if not document.asks_for_payment(invoice):
        return NOTHING_DUE
    return dunning_mail(store, outgoing, document, invoice, tenant, page_id)


def resend_deferred(waiting: Iterable[DeferredMail], now: datetime) -> None:
    """Send waiting mails until SES accepts none of the account.

    A mail that fails otherwise delays no other. Failures are raised together at the end.
    """
    failures: list[Exception] = []
    for found in waiting:
        store = Store(Session(Caller.system(found.tenant_id), now))
        try:
            mail = store.get(OutgoingMail, found.subject_id, found.mail_id)
            if send_requested(store, mail, link_id=new_id("dl", now), event_id=mail.id) is AttemptOutcome.CLOSED:
                break
        except (ConcurrentModification, OutcomePending):
            continue  # Another worker has the mail, or its outcome is not known yet.
        except Exception as failure:  # noqa: BLE001 — any error is raised below
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some mails could not be sent", failures)
