"""The settlement of transactions: the bank booked their money, or enough days have passed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.invoices.lifecycle import Action, allowed_actions
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.model import Payment, PaymentData
from invoicing.sepa_files.events import SepaFileSettled
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.table import transactions_in
from invoicing.settlement.deducting import refundable_of
from invoicing.settlement.events import PaymentRecorded
from invoicing.settlement.model import settle
from invoicing.settlement.workflow import with_status
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.booking import booked_payment
from invoicing.transactions.events import TransactionSucceeded
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import freed


def settle_all(
    store: Store, transactions: Sequence[Transaction], on: date, *, in_time: bool = False
) -> list[Transaction]:
    """Settle the transactions that are under way, each in a commit of its own. Returns all as they are then.

    A repetition continues after the last one. `in_time` is without a report of the bank.
    """
    alone = Store(store.session)
    return [
        retry_on_conflict(alone, partial(settle_one, transaction_id=one.id, on=on, in_time=in_time))
        if one.is_under_way or one.is_booked_alone
        else one
        for one in transactions
    ]


def settle_one(store: Store, transaction_id: str, on: date, *, in_time: bool = False) -> Transaction:
    """Record the payment of a debit or the refund of a credit, unless its outcome is known.

    Debited money that the invoice does not owe any more becomes its `refund_due`; a canceled invoice gets no payment.
    The part of a credit that its document does not owe any more is left to users. A debit whose money a user booked is
    recorded only by a report of the bank, also after it settled.
    """
    found = store.get(Transaction, transaction_id)
    if not found.is_under_way and (in_time or not found.is_booked_alone):
        return found
    moment = moment_of(store)
    by_hand = booked_payment(store, found) if in_time else None
    if by_hand is not None:
        after = found.settled(by_hand.id, moment)
        return store.commit(Recorded(after, TransactionSucceeded()), also=[freed([after])])
    document = store.get(InvoiceSummary, found.invoice_id)
    amount = _accepted(store, document, found)
    if not amount and found.is_booked_alone:
        return found
    if not amount:
        after = found.settled(None, moment)
        return store.commit(Recorded(after, TransactionSucceeded()), also=[freed([after])])
    data = _payment_of(found, amount, min(on, moment.today))
    payment, paid = settle(document, new_id("pay", moment.at), data, accept_overpayment=True, moment=moment)
    changed, dunned = with_status(store, document, paid, PaymentRecorded.of(payment))
    if found.is_booked_alone:
        return store.commit(found.credited(payment.id, moment), payment, changed, *dunned)
    after = found.settled(payment.id, moment)
    return store.commit(Recorded(after, TransactionSucceeded()), payment, changed, *dunned, also=[freed([after])])


def _accepted(store: Store, document: InvoiceSummary, transaction: Transaction) -> Decimal:
    """The part of its amount that its document accepts."""
    is_debit = transaction.type == "debit"
    if (Action.PAY if is_debit else Action.REFUND) not in allowed_actions(document):
        return Decimal()
    return transaction.amount if is_debit else min(transaction.amount, refundable_of(store, document))


def _payment_of(transaction: Transaction, amount: Decimal, on: date) -> PaymentData:
    is_debit = transaction.type == "debit"
    return PaymentData(
        type="payment" if is_debit else "refund",
        amount=amount,
        method="sepa_direct_debit" if is_debit else "bank_transfer",
        reference=transaction.end_to_end_id,
        external_id=transaction.id,
        date=on,
    )


def unrecorded(store: Store, transaction: Transaction) -> Decimal:
    """The part of its money that the books do not know: the part of a credit that its document did not owe.

    The same is true of a debit that settled with the payment of a user, if its invoice gets no more payments. The money
    of one that failed or was returned comes back. If a returned credit had a refund of a part, or none, users decide
    about all its money.
    """
    if transaction.is_booked_alone:
        return transaction.amount
    if transaction.type == "debit" or transaction.status in ("failed", "canceled"):
        return Decimal()
    id_ = transaction.payment_id
    missing = transaction.amount - (store.get(Payment, transaction.invoice_id, id_).amount if id_ else 0)
    return transaction.amount if missing and transaction.status == "returned" else missing


def settle_file(store: Store, file_id: str) -> None:
    """Settle the transactions of a file that the bank did not return in time."""
    file = store.get(SepaFile, file_id)
    settle_all(store, transactions_in(store, file_id), file.due_on, in_time=True)
    complete_file(store, file_id)


def complete_file(store: Store, file_id: str) -> None:
    """Note that a file is settled, once the outcome of all its transactions is known."""
    retry_on_conflict(Store(store.session), partial(_complete, file_id=file_id))


def _complete(store: Store, file_id: str) -> None:
    file = store.get(SepaFile, file_id)
    if file.status == "uploaded" and not any(one.is_under_way for one in transactions_in(store, file_id)):
        store.commit(Recorded(file.settled(store.session.moment), SepaFileSettled()))


def fits(amount: Decimal, transactions: Sequence[Transaction]) -> bool:
    """Whether an amount is the sum of transactions: with those that failed, which came back later, or without."""
    wanted = [one for one in transactions if one.status != "canceled"]
    sums = [_sum(wanted), _sum([one for one in wanted if one.status != "failed"])]
    return amount > 0 and amount in sums


def _sum(transactions: Sequence[Transaction]) -> Decimal:
    return sum((one.amount for one in transactions), Decimal())
