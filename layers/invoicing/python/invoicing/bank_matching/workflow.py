"""Steps that allocate bank transactions and free them again. All payments of a transaction are in one commit."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from invoicing.bank.model import BankAllocation, BankTransaction
from invoicing.bank_matching.allocating import How, allocate, placed
from invoicing.bank_matching.errors import TooManyChanges
from invoicing.bank_matching.events import BankTransactionAllocated, BankTransactionFreed
from invoicing.bank_matching.requests import AllocateTransaction, AllocationRequest
from invoicing.bank_matching.table import learned, unlearned
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import new_ids
from invoicing.customers.model import Customer
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.payments.model import Payment, is_allocation
from invoicing.settlement.deducting import require_paid
from invoicing.settlement.errors import PaymentNotFound
from invoicing.settlement.events import PaymentRecorded
from invoicing.settlement.workflow import reversed_payment, with_status
from invoicing.store.changes import Also
from invoicing.store.reading import items_at
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of, tenant_of

_MOST_WRITES: Final = 94
"""The items that one commit can write, less the response, the rows of an IBAN, and a reserve."""
_FEW: Final = 5
"""The number of documents that always fit into one commit."""


type _Wanted = tuple[AllocationRequest, InvoiceSummary]
"""A wanted allocation, and its document as it is now."""
type Beside = Callable[[BankTransaction], Sequence[Change]]
"""The changes beside the allocations of a transaction, which has them already."""


def allocate_transaction(
    store: Store, transaction_id: str, body: AllocateTransaction, beside: Beside
) -> BankTransaction:
    """Record the payments of a transaction on its documents, as a user wants: all of them or none."""
    transaction = store.get(BankTransaction, transaction_id)
    transaction.require_not_ignored()
    how = How(
        "user",
        moment_of(store),
        accept_overpayment=body.accept_overpayment,
        small_difference=tenant_of(store).bank_matching.small_difference,
    )
    documents = _documents(store, body.allocations)
    parts = list(zip(body.allocations, documents, strict=True))
    also = _learned(store, transaction, documents)
    return allocated_to(store, transaction, parts, how, also, beside)


def allocated_to(
    store: Store,
    transaction: BankTransaction,
    parts: Sequence[_Wanted],
    how: How,
    also: Sequence[Also] = (),
    beside: Beside | None = None,
) -> BankTransaction:
    """Commit the allocations of a transaction with their payments."""
    after, allocations, changes = transaction, list[BankAllocation](), list[Change]()
    ids = new_ids("pay", how.moment.at)
    for place, ((wanted, before), id_) in enumerate(zip(parts, ids, strict=False)):
        with placed(f"/allocations/{place}"):
            one = allocate(after, before, wanted, id_, how)
            if one.payment.type == "refund":
                require_paid(store, before, one.payment.amount)
        changed, dunned = with_status(store, before, one.document, PaymentRecorded.of(one.payment))
        changes += [one.payment, changed, *dunned]
        allocations.append(one.allocation)
        after = after.allocated([one.allocation], how.moment, how.confidence)
    changes += beside(after) if beside else ()
    recorded = Recorded(after, BankTransactionAllocated(allocations=tuple(allocations), unallocated=after.unallocated))
    if len(parts) > _FEW and store.weight(recorded, *changes).items > _MOST_WRITES:
        raise TooManyChanges(pointer="/allocations")
    return store.commit(recorded, *changes, also=also)


def _documents(store: Store, wanted: Sequence[AllocationRequest]) -> list[InvoiceSummary]:
    """The documents of a request in its order, in one read."""
    keys = [invoice_key(store.tenant_id, one.invoice_id) for one in wanted]
    found = items_at(keys)
    missing = next((place for place, key in enumerate(keys) if key not in found), None)
    if missing is not None:
        raise InvoiceNotFound(pointer=f"/allocations/{missing}/invoice_id")
    return [store.take(InvoiceSummary, found[key]) for key in keys]


def _learned(store: Store, transaction: BankTransaction, documents: Sequence[InvoiceSummary]) -> tuple[Also, ...]:
    """Remember the payer's IBAN, if all documents are of the same customer and the money came in."""
    customers = {one.customer_id for one in documents}
    iban = transaction.counterparty.iban
    if transaction.direction != "credit" or iban is None or len(customers) > 1:
        return ()
    [customer_id] = customers
    if customer_id is None or store.get(Customer, customer_id).forgets:
        return ()
    return (learned(iban, customer_id),)


class Freed(NamedTuple):
    """The changes beside the reversal of an allocation's payment."""

    changes: tuple[Recorded[BankTransaction], ...] = ()
    also: tuple[Also, ...] = ()


def freed_by(store: Store, payment: Payment) -> Freed:
    """Free the bank transaction whose allocation a reversed payment is. Other payments free none."""
    if payment.external_id is None or not is_allocation(payment):
        return Freed()
    found = store.get(BankTransaction, payment.external_id)
    return _freed(found, payment, store) if any(one.payment_id == payment.id for one in found.allocations) else Freed()


def free_transaction(store: Store, transaction_id: str, payment_id: str) -> BankTransaction:
    """Reverse the payment of an allocation, and free its part of the transaction."""
    transaction = store.get(BankTransaction, transaction_id)
    allocation = next((one for one in transaction.allocations if one.payment_id == payment_id), None)
    if allocation is None:
        raise PaymentNotFound
    payment, changes = reversed_payment(store, allocation.target_id, payment_id, "error")
    freed = _freed(transaction, payment, store)
    return store.commit(freed.changes[0], payment, *changes, also=freed.also)


def _freed(transaction: BankTransaction, payment: Payment, store: Store) -> Freed:
    event = BankTransactionFreed(payment_id=payment.id, invoice_id=payment.invoice_id, amount=payment.amount)
    after = transaction.freed(payment.id, store.session.moment)
    iban = transaction.counterparty.iban
    forgotten = (unlearned(iban, payment.customer_id),) if iban and payment.customer_id else ()
    return Freed((Recorded(after, event),), forgotten)
