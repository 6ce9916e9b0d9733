"""The settlement of direct debits: the bank credited them, or enough days have passed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.invoices.lifecycle import Action, allowed_actions
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.model import PaymentData
from invoicing.sepa_files.events import SepaFileSettled
from invoicing.sepa_files.model import SepaFile
from invoicing.sepa_files.table import transactions_in
from invoicing.settlement.events import PaymentRecorded
from invoicing.settlement.model import settle
from invoicing.settlement.workflow import with_status
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.events import TransactionSucceeded
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import freed


def settle_debits(store: Store, debits: Sequence[Transaction], on: date) -> None:
    """Settle the debits that are under way, each in a commit of its own. A repetition continues after the last one."""
    for one in debits:
        if one.is_under_way:
            retry_on_conflict(Store(store.session), partial(settle_debit, transaction_id=one.id, on=on))


def settle_debit(store: Store, transaction_id: str, on: date) -> Transaction:
    """Record the payment of a debit on its invoice, unless the outcome of the debit is known.

    Money that the invoice does not owe any more becomes its `refund_due`. A canceled invoice gets no payment.
    """
    debit = store.get(Transaction, transaction_id)
    if not debit.is_under_way:
        return debit
    moment = moment_of(store)
    invoice = store.get(InvoiceSummary, debit.invoice_id)
    if Action.PAY not in allowed_actions(invoice):
        after = debit.settled(None, moment)
        return store.commit(Recorded(after, TransactionSucceeded()), also=[freed([after])])
    data = PaymentData(
        amount=debit.amount,
        method="sepa_direct_debit",
        reference=debit.end_to_end_id,
        external_id=debit.id,
        date=min(on, moment.today),
    )
    payment, paid = settle(invoice, new_id("pay", moment.at), data, accept_overpayment=True, moment=moment)
    changed, dunned = with_status(store, invoice, paid, PaymentRecorded.of(payment))
    after = debit.settled(payment.id, moment)
    return store.commit(Recorded(after, TransactionSucceeded()), payment, changed, *dunned, also=[freed([after])])


def settle_file(store: Store, file_id: str) -> None:
    """Settle the debits of a file that the bank did not return in time."""
    file = store.get(SepaFile, file_id)
    if file.type == "debit":
        settle_debits(store, transactions_in(store, file_id), file.due_on)
        complete_file(store, file_id)


def complete_file(store: Store, file_id: str) -> None:
    """Note that a file is settled, once the outcome of all its debits is known."""
    retry_on_conflict(Store(store.session), partial(_complete, file_id=file_id))


def _complete(store: Store, file_id: str) -> None:
    file = store.get(SepaFile, file_id)
    if file.status == "uploaded" and not any(one.is_under_way for one in transactions_in(store, file_id)):
        store.commit(Recorded(file.settled(store.session.moment), SepaFileSettled()))


def fits(amount: Decimal, debits: Sequence[Transaction]) -> bool:
    """Whether a credit is the sum of debits: with those that failed, which the bank returned later, or without."""
    wanted = [one for one in debits if one.status != "canceled"]
    sums = [_sum(wanted), _sum([one for one in wanted if one.status != "failed"])]
    return amount > 0 and amount in sums


def _sum(debits: Sequence[Transaction]) -> Decimal:
    return sum((one.amount for one in debits), Decimal())
