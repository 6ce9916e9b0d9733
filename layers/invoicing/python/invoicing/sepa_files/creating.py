"""Creating a file: some commits claim documents, and the last one has the XML files.

Before its last commit a file is incomplete: nobody can download or upload it, and a repetition of the request continues
it. A document is claimed by the commit that creates its transaction, so after any interruption it is in one debit and
one credit transfer at most.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import batched
from typing import Final, Literal
from zoneinfo import ZoneInfo

from invoicing.collection.batching import message_id
from invoicing.collection.errors import CreditorIdMissing, SepaAccountMissing
from invoicing.collection.ready import collection_day, transfer_day
from invoicing.collection.target_days import target_days_after
from invoicing.collection.writing import DEBIT_FORMAT, TRANSFER_FORMAT
from invoicing.core.event import Recorded
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id, new_ids
from invoicing.core.model import values_of
from invoicing.sepa_files.debiting import planned_debit
from invoicing.sepa_files.errors import NothingToCollect, SepaFileUnderWay
from invoicing.sepa_files.events import SepaFileCreated
from invoicing.sepa_files.examined import ExaminedDocument
from invoicing.sepa_files.model import MOST_TRANSACTIONS, FileOriginator, NewSepaFile, SepaFile
from invoicing.sepa_files.refunding import planned_credit
from invoicing.sepa_files.requests import CreateSepaFile
from invoicing.sepa_files.selecting import examiner_of, selected
from invoicing.sepa_files.table import file_begun_by, members, rows_unchanged
from invoicing.sepa_files.writing import commit_written, open_transactions
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant, TenantBankAccount
from invoicing.tenants.table import tenant_of
from invoicing.transactions.model import Transaction, TransactionType
from invoicing.transactions.table import claimed, taken

CREATED_A_COMMIT: Final = 13
"""Each transaction needs up to seven writes of the hundred in a commit."""
_FORMATS: Final[dict[TransactionType, Literal["pain.008.001.08", "pain.001.001.09"]]] = {
    "debit": DEBIT_FORMAT,
    "credit": TRANSFER_FORMAT,
}


def planned_file(store: Store, tenant: Tenant, wanted: CreateSepaFile) -> SepaFile:
    """A file without transactions yet, on the wanted day or the earliest one."""
    is_debit = wanted.type == "debit"
    if is_debit and tenant.creditor_id is None:
        raise CreditorIdMissing
    account = _account(tenant, wanted.bank_account_id)
    day, settings = _day(store, tenant, wanted.type, wanted.due_on), tenant.collection
    id_ = new_id("spf", store.session.now)
    return SepaFile(
        id=id_,
        type=wanted.type,
        format=_FORMATS[wanted.type],
        message_id=message_id(id_, 1),
        bank_account_id=account.id,
        originator=FileOriginator(
            name=tenant.name,
            holder=account.account_holder or tenant.name,
            iban=account.iban or "",
            bic=account.bic,
            creditor_id=tenant.creditor_id if is_debit else None,
            alphabet=settings.alphabet,
            one_batch_per_file=settings.one_batch_per_file,
        ),
        due_on=day,
        settles_on=target_days_after(day, settings.settles_after_days),
        request_key=store.request_key,
        **store.session.moment.created,
    )


def _day(store: Store, tenant: Tenant, type_: TransactionType, wanted: date | None) -> date:
    local = store.session.now.astimezone(ZoneInfo(tenant.time_zone))
    return transfer_day(wanted, local.date()) if type_ == "credit" else collection_day(wanted, tenant.collection, local)


def _account(tenant: Tenant, wanted: str | None) -> TenantBankAccount:
    named = tenant.require_bank_account(wanted)
    found = [one for one in tenant.collecting_accounts if named is None or one.id == named.id]
    if not found:
        raise SepaAccountMissing(pointer="/bank_account_id")
    return found[0]


def preview(store: Store, wanted: CreateSepaFile) -> NewSepaFile:
    """The file that a request would create, with the documents that it would skip."""
    tenant = tenant_of(store)
    file = planned_file(store, tenant, wanted)
    found = selected(store, tenant, file, wanted.invoice_ids)
    ready = [one for one in found if one.is_ready][:MOST_TRANSACTIONS]
    transactions = _transactions(ready, file, store.session.moment)
    return answered(file.with_more(transactions, store.session.moment), found, transactions)


def create_file(store: Store, wanted: CreateSepaFile) -> NewSepaFile:
    """Create a file, or complete the one that an interrupted attempt of the same request began."""
    store.require_new()
    tenant = tenant_of(store)
    file = file_begun_by(store, store.request_key) or planned_file(store, tenant, wanted)
    # The day of a file that was begun earlier can be over.
    _day(store, tenant, file.type, file.due_on)
    found = selected(store, tenant, file, wanted.invoice_ids)
    plain = Store(store.session)
    for some in batched([one.invoice.id for one in found if one.is_ready], CREATED_A_COMMIT, strict=False):
        file = _extended(plain, tenant, file, some)
    if not file.version:
        raise NothingToCollect

    def complete(fresh: Store) -> NewSepaFile:
        begun = fresh.get(SepaFile, file.id)
        begun.require_open()
        if begun.is_complete:
            raise SepaFileUnderWay
        own = open_transactions(fresh, file.id)
        return commit_written(fresh, begun, own, response=lambda new: answered(new, found, own))

    return retry_on_conflict(store, complete)


def _extended(plain: Store, tenant: Tenant, file: SepaFile, ids: Sequence[str]) -> SepaFile:
    """The file after a commit with the transactions of some documents. Their newest state decides."""

    def decide(store: Store) -> SepaFile:
        begun = store.get(SepaFile, file.id) if file.version else file_begun_by(store, file.request_key)
        present = begun or file
        present.require_open()
        if present.is_complete:
            raise SepaFileUnderWay
        examined = examiner_of(store, tenant, present).at(ids)
        found = [one for one in examined if one.is_ready][: MOST_TRANSACTIONS - present.count]
        return _committed(store, present, found) if found else present

    return retry_on_conflict(plain, decide)


def _committed(store: Store, file: SepaFile, found: Sequence[ExaminedDocument]) -> SepaFile:
    moment = store.session.moment
    transactions = _transactions(found, file, moment)
    new, waited = ([one for one in transactions if bool(one.version) is is_old] for is_old in (False, True))
    read = {one.id: one for some in found for one in some.read}
    also = (claimed(new), taken(waited), members(transactions), rows_unchanged(read.values()))
    extended = file.with_more(transactions, moment)
    if file.version:
        return store.advance(extended, *transactions, also=also)
    return store.commit(Recorded(extended, SepaFileCreated()), *transactions, also=also)


def _transactions(found: Iterable[ExaminedDocument], file: SepaFile, moment: Moment) -> list[Transaction]:
    return [one.transaction(id_, file, moment) for one, id_ in zip(found, new_ids("txn", moment.at), strict=False)]


def answered(file: SepaFile, found: Iterable[ExaminedDocument], transactions: Sequence[Transaction]) -> NewSepaFile:
    """The response: the file, its transactions, and the documents that it skips."""
    own = {one.invoice_id for one in transactions}
    skipped = [one.skipped for one in found if not one.is_ready and one.invoice.id not in own]
    return NewSepaFile(
        **values_of(file, SepaFile.model_fields),
        debits=tuple(planned_debit(one) for one in transactions if one.type == "debit"),
        credits=tuple(planned_credit(one) for one in transactions if one.type == "credit"),
        skipped=tuple(skipped[:MOST_TRANSACTIONS]),
    ).revealed()
