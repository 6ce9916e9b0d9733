"""Erasure of a customer's personal data in all its copies, step by step.

Each step searches for remaining data, so that a run continues where the one before it ended.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from invoicing.aws import files
from invoicing.bank_matching.table import forget_ibans
from invoicing.collection.events import PaymentMethodRevoked, PaymentMethodUpdated
from invoicing.collection.model import PaymentMethod
from invoicing.core.errors import NotFound
from invoicing.core.event import Recorded
from invoicing.core.identity import ERASED
from invoicing.customers.model import Customer
from invoicing.downloads.table import LinkTable, TokenTable, rewrite_link
from invoicing.invoice_pages.table import PageTable
from invoicing.invoices.events import InvoiceUpdated
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.invoices.table import invoices_of
from invoicing.mail import table as mails
from invoicing.mail.model import OutgoingMail
from invoicing.mail.table import mail_ids
from invoicing.sepa_files.table import transactions_in
from invoicing.store import idempotency as stored_responses
from invoicing.store.keys import Item, Key
from invoicing.store.listing import items_in
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.subscriptions.table import subscriptions_of
from invoicing.tenants.table import tenant_of
from invoicing.timeline.table import entries_about, entry_of, rewrite_entry
from invoicing.transactions.table import has_debits
from invoicing.users.events import ApiKeyRevoked, ApiKeyUpdated, UserUpdated
from invoicing.users.model import ApiKey, User
from invoicing.users.table import all_keys, all_users

if TYPE_CHECKING:
    from invoicing.invoices.model import Invoice


def erase_copies(store: Store, customer_id: str) -> None:
    """Erase a customer's data in portal users and their keys, drafts, mails, timelines and stored responses."""
    tenant = store.tenant_id
    # An event allows a single commit; these are many commits.
    plain = Store(store.session)
    users = [_last(item) for item in items_in(all_users(tenant).partition, customer_id=customer_id)]
    for user_id in users:
        for key in list(items_in(all_keys(tenant).partition, user_id=user_id)):
            _each(plain, _erase_key, _last(key))
        _each(plain, _erase_user, user_id)
    _erase_mails(plain, customer_id)
    forget_ibans(plain, customer_id)
    for method in plain.all(PaymentMethod, customer_id):
        _each(plain, partial(_erase_method, customer_id), method.id)
    for item in list(items_in(invoices_of(tenant, customer_id))):
        _erase_in_document(plain, _last(item), frozenset(users))
    for item in list(items_in(subscriptions_of(tenant, customer_id))):
        _erase_mails(plain, _last(item))
    stored_responses.erase(tenant, customer_id)


def _last(item: Item) -> str:
    return Key.of(item).partition.rpartition("#")[2]


def _each(store: Store, erase: Callable[[Store, str], None], id_: str) -> None:
    """Erase the newest state of one object. An object that was deleted meanwhile needs no erasure."""
    try:
        retry_on_conflict(store, lambda fresh: erase(fresh, id_))
    except NotFound:
        return


def _erase_key(store: Store, key_id: str) -> None:
    key = store.get(ApiKey, key_id)
    erased = key.erased(store.session.now)
    if (erased.name, erased.revoked_at) != (key.name, key.revoked_at):
        store.commit(Recorded(erased, ApiKeyUpdated() if key.revoked_at else ApiKeyRevoked()))


def _erase_user(store: Store, user_id: str) -> None:
    user = store.get(User, user_id)
    if user.erased_at is None:
        store.commit(Recorded(user.erased(store.session.now), UserUpdated()))


def _erase_method(customer_id: str, store: Store, method_id: str) -> None:
    tenant_of(store)
    method = store.get(PaymentMethod, customer_id, method_id)
    moment = store.session.moment
    if has_debits(store, customer_id, method_id):
        # A payer can claim the debit, for which the mandate has to be shown.
        erased = method if method.is_ended else method.revoked(moment)
    else:
        erased = method.erased(moment)
    if erased is not method:
        store.commit(Recorded(erased, PaymentMethodUpdated() if method.is_ended else PaymentMethodRevoked()))


def erase_canceled_accounts(store: Store, file_id: str) -> None:
    """Erase the accounts of erased customers whose direct debits were removed from a SEPA file."""
    plain = Store(store.session)
    canceled = [one for one in transactions_in(plain, file_id) if one.type == "debit" and one.status == "canceled"]
    for customer_id, method_id in sorted({(one.customer_id, one.payment_method_id or "") for one in canceled}):
        _each(plain, partial(_erase_method_of_erased, customer_id), method_id)


def _erase_method_of_erased(customer_id: str, store: Store, method_id: str) -> None:
    if store.get(Customer, customer_id).erased_at is not None:
        _erase_method(customer_id, store, method_id)


def _erase_in_document(store: Store, invoice_id: str, users: frozenset[str]) -> None:
    _each(store, _erase_draft, invoice_id)
    _erase_mails(store, invoice_id)
    for table in (LinkTable(), PageTable()) if users else ():
        _erase_links(store, table, invoice_id, users)
    for activity in entries_about(store, invoice_id):
        if activity.erased(users) != activity:
            _each(store, lambda fresh, id_: _erase_entry(fresh, invoice_id, id_, users), activity.id)


def _erase_draft(store: Store, invoice_id: str) -> None:
    if store.get(InvoiceSummary, invoice_id).status is not Status.DRAFT:
        return
    draft = store.get(Invoice, invoice_id)
    erased = erased_draft(draft, store.session.now)
    if draft.status is Status.DRAFT and erased is not draft:
        store.commit(Recorded(erased, InvoiceUpdated()))


def _erase_mails(store: Store, subject_id: str) -> None:
    """Erase the mails about a document, a subscription or a customer."""
    for mail_id in mail_ids(store, subject_id):
        _each(store, lambda fresh, id_: _erase_mail(fresh, subject_id, id_), mail_id)


def _erase_mail(store: Store, subject_id: str, mail_id: str) -> None:
    mail = store.get(OutgoingMail, subject_id, mail_id)
    if mail.statement is not None:
        # First the file, so that a run after a failure finds it.
        files.delete(store.tenant_id, mail.statement.pdf.id, mail.statement.pdf.sha256 or "")
    if mail.erased_at is None:
        mails.erase(mail, store.session)


def _erase_links(store: Store, table: TokenTable[Any], invoice_id: str, users: frozenset[str]) -> None:
    def erase(fresh: Store, digest: str) -> None:
        link = table.found(fresh, digest)
        erased = link.erased(users)
        if erased != link:
            rewrite_link(erased, fresh.session)

    for digest in table.digests(store, invoice_id):
        _each(store, erase, digest)


def _erase_entry(store: Store, invoice_id: str, activity_id: str, users: frozenset[str]) -> None:
    activity = entry_of(store, invoice_id, activity_id)
    erased = activity.erased(users)
    if erased != activity:
        rewrite_entry(erased.model_copy(update={"version": activity.version + 1}), store.session)


_ON_DRAFTS = ("customer", "customer_address", "ship_to", "buyer_reference", "mandate", "card")


def erased_draft(draft: "Invoice", at: datetime) -> "Invoice":
    """A draft without the personal data of its customer. The texts are the tenant's and stay."""
    nothing: dict[str, Any] = dict.fromkeys(_ON_DRAFTS) | {"customer_name": ERASED}
    if all(getattr(draft, name) == value for name, value in nothing.items()):
        return draft
    return draft.model_copy(update=nothing | {"updated_at": at, "updated_by": None})
