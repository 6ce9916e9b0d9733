"""Bank transactions that are the money of debits and credits, or their returns: each changes them once."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from invoicing.bank.entry import ReturnReason
from invoicing.bank.model import BankCollection, BankStatement, BankTransaction
from invoicing.bank_matching.allocating import paid_on
from invoicing.bank_matching.events import BankTransactionAllocated
from invoicing.core.event import Recorded
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.model import Transaction
from invoicing.transactions.naming import debit_of_mandate, file_named, transaction_named, transactions_of_batch
from invoicing.transactions.returning import LEFT_TO_USERS, Ended, ended
from invoicing.transactions.settling import complete_file, fits, settle_all, unrecorded


def take(store: Store, found: BankTransaction) -> bool:
    """Settle or return the transactions that a bank transaction names. Returns whether it names any.

    A debit brings money in, and its return takes it out again; a credit is the other way round. Other amounts are left
    to users, and so is a transaction that may be a second copy. One without an identifier of our form costs no read.
    """
    if found.status != "open" or found.suspect_of or found.left_to_users or found.currency != "EUR":
        return False
    named = transaction_named(store, found.end_to_end_id)
    if named is None and found.direction == "debit" and found.returned is not None:
        named = debit_of_mandate(store, found)
    if named is not None and named.type == found.direction:
        return _take_return(store, found, named)
    if found.returned is not None or found.reversal:
        return False
    return _take_batch(store, found) if named is None else _take_money(store, found, [named], named.id)


def _take_return(store: Store, found: BankTransaction, named: Transaction) -> bool:
    """The return of a transaction, by the amount of the transaction. The rest is the bank's charges.

    That of a credit without a refund of its amount is left to users, who may have booked its money.
    """
    if not _is_balanced(store, found):
        return False
    charges = _charges(found, named)
    if charges is None or (named.type == "credit" and not named.is_under_way and unrecorded(store, named)):
        return True
    try:
        changes = ended(store, named, found.returned or ReturnReason(code="NARR"), charges)
    except LEFT_TO_USERS:
        return True
    collection = BankCollection(kind="return", target_id=named.id, amount=named.amount, charges=charges or None)
    _commit(store, found, collection, changes)
    return True


def _charges(found: BankTransaction, named: Transaction) -> Decimal | None:
    """The bank's charges for a return; None if its amount is another one.

    Banks take more than they debited, and give back less than they credited: then the original amount proves it.
    """
    more = found.amount - named.amount if named.type == "debit" else named.amount - found.amount
    original = found.original_amount.amount if found.original_amount else found.amount
    if more < 0 or (named.type == "credit" and original != named.amount):
        return None
    return more + (found.charges or 0)


def _take_batch(store: Store, found: BankTransaction) -> bool:
    """The money of all transactions of a batch or file together. Returns of several are booked one by one."""
    name = found.payment_information_id
    file = file_named(store, name)
    if file is None or name is None or file.type == found.direction:
        return False
    return _take_money(store, found, transactions_of_batch(store, file, name), file.id)


def _take_money(store: Store, found: BankTransaction, transactions: Sequence[Transaction], target_id: str) -> bool:
    """The money of one transaction, or of several together. The part that the books do not know is left to users."""
    if not transactions or not _is_balanced(store, found):
        return False
    if not fits(found.amount, transactions):
        return True
    settled = settle_all(store, transactions, paid_on(found, moment_of(store).today))
    if target_id.startswith("spf_"):
        complete_file(store, target_id)
    amount = found.amount - sum((unrecorded(store, one) for one in settled), Decimal())
    if amount > 0:
        kind: Literal["collection", "refund"] = "refund" if found.direction == "debit" else "collection"
        _commit(store, found, BankCollection(kind=kind, target_id=target_id, amount=amount), Ended())
    return True


def _is_balanced(store: Store, found: BankTransaction) -> bool:
    return store.get(BankStatement, found.statement_id).balanced is not False


def _commit(store: Store, found: BankTransaction, collection: BankCollection, changes: Ended) -> None:
    """Allocate the bank transaction, in one commit with the end of its transaction."""
    after = found.collected(collection, store.session.moment)
    event = BankTransactionAllocated(allocations=(), collection=collection, unallocated=after.unallocated)
    changes.commit(store, Recorded(after, event))
