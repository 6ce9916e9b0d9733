"""Bank transactions that are the money of direct debits, or their returns: each changes its debits once."""

from invoicing.bank.entry import ReturnReason
from invoicing.bank.model import BankCollection, BankStatement, BankTransaction
from invoicing.bank_matching.allocating import paid_on
from invoicing.bank_matching.events import BankTransactionAllocated
from invoicing.core.event import Recorded
from invoicing.settlement.errors import ReversalExceedsPaid
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.naming import debit_named, debit_of_mandate, debits_of_batch
from invoicing.transactions.returning import Ended, ended
from invoicing.transactions.settling import complete_file, fits, settle_debits


def take(store: Store, found: BankTransaction) -> bool:
    """Settle or return the debits that a bank transaction names. Returns whether it names any.

    Other amounts are left to users, and so is a transaction that may be a second copy. A credit without an identifier
    of our form costs no read.
    """
    if found.status != "open" or found.suspect_of or found.left_to_users or found.currency != "EUR":
        return False
    return _take_return(store, found) if found.direction == "debit" else _take_credit(store, found)


def _take_return(store: Store, found: BankTransaction) -> bool:
    """Money that went out: the return of a debit, by the amount of the debit. The rest is the bank's charges."""
    debit = debit_named(store, found.end_to_end_id)
    if debit is None and found.returned is not None:
        debit = debit_of_mandate(store, found)
    if debit is None or not _is_balanced(store, found):
        return False
    if found.amount < debit.amount:
        return True
    charges = found.amount - debit.amount + (found.charges or 0)
    try:
        changes = ended(store, debit, found.returned or ReturnReason(code="NARR"), charges)
    except ReversalExceedsPaid:
        # The payment was refunded meanwhile. Users decide, once they reversed the refund.
        return True
    of_debit = BankCollection(kind="return", target_id=debit.id, amount=debit.amount, charges=charges or None)
    _commit(store, found, of_debit, changes)
    return True


def _take_credit(store: Store, found: BankTransaction) -> bool:
    """Money that came in: for one debit, or for all of a batch or file together."""
    if found.returned is not None or found.reversal:
        return False
    debit = debit_named(store, found.end_to_end_id)
    debits = [debit] if debit is not None else debits_of_batch(store, found.payment_information_id)
    if not debits or not _is_balanced(store, found):
        return False
    if not fits(found.amount, debits):
        return True
    settle_debits(store, debits, paid_on(found, moment_of(store).today))
    if debit is None:
        complete_file(store, debits[0].file_id)
    target_id = debit.id if debit is not None else debits[0].file_id
    _commit(store, found, BankCollection(kind="collection", target_id=target_id, amount=found.amount), Ended())
    return True


def _is_balanced(store: Store, found: BankTransaction) -> bool:
    return store.get(BankStatement, found.statement_id).balanced is not False


def _commit(store: Store, found: BankTransaction, collection: BankCollection, changes: Ended) -> None:
    """Allocate the whole bank transaction, in one commit with the end of its debit."""
    after = found.collected(collection, store.session.moment)
    event = BankTransactionAllocated(allocations=(), collection=collection, unallocated=after.unallocated)
    changes.commit(store, Recorded(after, event))
