"""Creating a file of direct debits: some commits claim invoices, and the last one has the XML files.

Before its last commit a file is incomplete: nobody can download or upload it, and a repetition of the request continues
it. An invoice is claimed by the commit that creates its debit, so it is in one debit at most after any interruption.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import batched
from typing import Final
from zoneinfo import ZoneInfo

from invoicing.collection.batching import message_id
from invoicing.collection.errors import CreditorIdMissing, SepaAccountMissing
from invoicing.collection.ready import collection_day
from invoicing.collection.target_days import target_days_after
from invoicing.collection.writing import DEBIT_FORMAT
from invoicing.core.event import Recorded
from invoicing.core.ids import new_id, new_ids
from invoicing.core.model import values_of
from invoicing.sepa_files.debiting import ExaminedInvoice, debit_of
from invoicing.sepa_files.errors import NothingToCollect, SepaFileUnderWay
from invoicing.sepa_files.events import SepaFileCreated
from invoicing.sepa_files.model import MOST_TRANSACTIONS, FileOriginator, NewSepaFile, PlannedDebit, SepaFile
from invoicing.sepa_files.requests import CreateSepaFile
from invoicing.sepa_files.selecting import Examiner, selected
from invoicing.sepa_files.table import file_begun_by, members, rows_unchanged
from invoicing.sepa_files.writing import commit_written, open_transactions
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant, TenantBankAccount
from invoicing.tenants.table import tenant_of
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import claimed

DEBITS_A_COMMIT: Final = 13
"""Each debit needs up to seven writes of the hundred in a commit."""


def planned_file(store: Store, tenant: Tenant, wanted: CreateSepaFile) -> SepaFile:
    """A file of direct debits without any yet, on the wanted day or the earliest one."""
    if tenant.creditor_id is None:
        raise CreditorIdMissing
    account = _account(tenant, wanted.bank_account_id)
    day, settings = _day(store, tenant, wanted.due_on), tenant.collection
    id_ = new_id("spf", store.session.now)
    return SepaFile(
        id=id_,
        type="debit",
        format=DEBIT_FORMAT,
        message_id=message_id(id_, 1),
        bank_account_id=account.id,
        originator=FileOriginator(
            name=tenant.name,
            holder=account.account_holder or tenant.name,
            iban=account.iban or "",
            bic=account.bic,
            creditor_id=tenant.creditor_id,
            alphabet=settings.alphabet,
            one_batch_per_file=settings.one_batch_per_file,
        ),
        due_on=day,
        settles_on=target_days_after(day, settings.settles_after_days),
        request_key=store.request_key,
        **store.session.moment.created,
    )


def _day(store: Store, tenant: Tenant, wanted: date | None) -> date:
    return collection_day(wanted, tenant.collection, store.session.now.astimezone(ZoneInfo(tenant.time_zone)))


def _account(tenant: Tenant, wanted: str | None) -> TenantBankAccount:
    named = tenant.require_bank_account(wanted)
    found = [one for one in tenant.collecting_accounts if named is None or one.id == named.id]
    if not found:
        raise SepaAccountMissing(pointer="/bank_account_id")
    return found[0]


def preview(store: Store, wanted: CreateSepaFile) -> NewSepaFile:
    """The file that a request would create, with the invoices that it would skip."""
    tenant = tenant_of(store)
    file = planned_file(store, tenant, wanted)
    found = selected(store, tenant, file.due_on, wanted.invoice_ids)
    debits = [one for one in found if one.method][:MOST_TRANSACTIONS]
    total = sum((one.invoice.due for one in debits), file.total)
    planned = file.model_copy(update={"count": len(debits), "total": total})
    return answered(planned, found, [one.planned for one in debits])


def create_file(store: Store, wanted: CreateSepaFile) -> NewSepaFile:
    """Create a file, or complete the one that an interrupted attempt of the same request began."""
    store.require_new()
    tenant = tenant_of(store)
    file = file_begun_by(store, store.request_key) or planned_file(store, tenant, wanted)
    # The day of a file that was begun earlier can be over.
    _day(store, tenant, file.due_on)
    found = selected(store, tenant, file.due_on, wanted.invoice_ids)
    plain = Store(store.session)
    for some in batched([one.invoice.id for one in found if one.method], DEBITS_A_COMMIT, strict=False):
        file = _extended(plain, tenant, file, some)
    if not file.version:
        raise NothingToCollect

    def complete(fresh: Store) -> NewSepaFile:
        begun = fresh.get(SepaFile, file.id)
        begun.require_open()
        if begun.is_complete:
            raise SepaFileUnderWay
        debits = open_transactions(fresh, file.id)
        return commit_written(fresh, begun, debits, response=lambda new: answered(new, found, _debits_of(debits)))

    return retry_on_conflict(store, complete)


def _extended(plain: Store, tenant: Tenant, file: SepaFile, ids: Sequence[str]) -> SepaFile:
    """The file after a commit with the debits of some invoices. Their newest state decides."""

    def decide(store: Store) -> SepaFile:
        begun = store.get(SepaFile, file.id) if file.version else file_begun_by(store, file.request_key)
        present = begun or file
        present.require_open()
        if present.is_complete:
            raise SepaFileUnderWay
        examined = Examiner(store, tenant, present.due_on).at(ids)
        found = [one for one in examined if one.method][: MOST_TRANSACTIONS - present.count]
        if not found:
            return present
        return _committed(store, tenant, present, found)

    return retry_on_conflict(plain, decide)


def _committed(store: Store, tenant: Tenant, file: SepaFile, found: Sequence[ExaminedInvoice]) -> SepaFile:
    moment, first_as_frst = store.session.moment, tenant.collection.first_as_frst
    new = zip(found, new_ids("txn", moment.at), strict=False)
    debits = [debit_of(one, id_, file, moment, first_as_frst=first_as_frst) for one, id_ in new]
    read = [*(one.invoice for one in found), *{one.chosen.id: one.chosen for one in found}.values()]
    also = (claimed(debits), members(debits), rows_unchanged(read))
    extended = file.with_more(debits, moment)
    if file.version:
        return store.advance(extended, *debits, also=also)
    return store.commit(Recorded(extended, SepaFileCreated()), *debits, also=also)


def answered(file: SepaFile, found: Iterable[ExaminedInvoice], debits: Sequence[PlannedDebit]) -> NewSepaFile:
    """The response: the file, its debits, and the invoices that it skips."""
    own = {one.invoice_id for one in debits}
    skipped = [one.skipped for one in found if one.method is None and one.invoice.id not in own]
    values = values_of(file, SepaFile.model_fields)
    return NewSepaFile(**values, debits=tuple(debits), skipped=tuple(skipped[:MOST_TRANSACTIONS])).revealed()


def _debits_of(transactions: Iterable[Transaction]) -> list[PlannedDebit]:
    return [
        PlannedDebit(
            invoice_id=one.invoice_id,
            invoice_number=one.remittance,
            customer_id=one.customer_id,
            payment_method_id=one.payment_method_id or "",
            mandate_reference=one.mandate.reference if one.mandate else "",
            amount=one.amount,
        )
        for one in transactions
    ]
