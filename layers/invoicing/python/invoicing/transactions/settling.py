"""The settlement of transactions: the bank booked their money, or enough days have passed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from invoicing.core.event import Recorded
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.invoices.lifecycle import Action, allowed_actions
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.model import PaymentData
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
        if one.is_under_way
        else one
        for one in transactions
    ]


def settle_one(store: Store, transaction_id: str, on: date, *, in_time: bool = False) -> Transaction:
    """Record the payment of a debit or the refund of a credit, unless its outcome is known.

    Debited money that the invoice does not owe any more becomes its `refund_due`; a canceled invoice gets no payment.
    A credit that exceeds the document's `refund_due` waits for users, and ends without a refund in time. A debit whose
    money a user booked is recorded only by a report of the bank.
    """
    found = store.get(Transaction, transaction_id)
    if not found.is_under_way:
        return found
    moment = moment_of(store)
    by_hand = booked_payment(store, found) if in_time else None
    if by_hand is not None:
        after = found.settled(by_hand.id, moment)
        return store.commit(Recorded(after, TransactionSucceeded()), also=[freed([after])])
    document = store.get(InvoiceSummary, found.invoice_id)
    if not _is_accepted(store, document, found):
        if found.type == "credit" and not in_time:
            return found
        after = found.settled(None, moment)
        return store.commit(Recorded(after, TransactionSucceeded()), also=[freed([after])])
    data = _payment_of(found, on, moment)
    payment, paid = settle(document, new_id("pay", moment.at), data, accept_overpayment=True, moment=moment)
    changed, dunned = with_status(store, document, paid, PaymentRecorded.of(payment))
    after = found.settled(payment.id, moment)
    return store.commit(Recorded(after, TransactionSucceeded()), payment, changed, *dunned, also=[freed([after])])


def _is_accepted(store: Store, document: InvoiceSummary, transaction: Transaction) -> bool:
    if transaction.type == "debit":
        return Action.PAY in allowed_actions(document)
    return Action.REFUND in allowed_actions(document) and transaction.amount <= refundable_of(store, document)


def _payment_of(transaction: Transaction, on: date, moment: Moment) -> PaymentData:
    is_debit = transaction.type == "debit"
    return PaymentData(
        type="payment" if is_debit else "refund",
        amount=transaction.amount,
        method="sepa_direct_debit" if is_debit else "bank_transfer",
        reference=transaction.end_to_end_id,
        external_id=transaction.id,
        date=min(on, moment.today),
    )


def is_recorded(transaction: Transaction) -> bool:
    """Whether the books know its money: a refund that its document does not owe is not recorded."""
    is_open = transaction.status in ("created", "pending", "succeeded")
    return transaction.type == "debit" or transaction.payment_id is not None or not is_open


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
