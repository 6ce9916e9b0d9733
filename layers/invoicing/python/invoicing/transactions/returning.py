"""The end of transactions that the bank refused or returned."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

from invoicing.bank.entry import ReturnReason
from invoicing.bank.importing import rejections_of
from invoicing.bank.model import BankStatement
from invoicing.collection.errors import PaymentMethodNotFound
from invoicing.collection.events import PaymentMethodBlocked
from invoicing.collection.model import PaymentMethod
from invoicing.collection.ready import RETRIED
from invoicing.core.errors import DomainError
from invoicing.core.event import Change, Recorded
from invoicing.core.identity import Moment
from invoicing.invoices.errors import InvalidState
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.direct_debit import InvoiceCollection
from invoicing.payments.model import Payment, ReversalReason
from invoicing.sepa_files.model import SepaFile
from invoicing.settlement.errors import ReversalExceedsPaid
from invoicing.settlement.workflow import reversed_payment
from invoicing.store.changes import Also
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of, tenant_of
from invoicing.transactions.events import TransactionFailed, TransactionReturned
from invoicing.transactions.model import Transaction, TransactionFailure
from invoicing.transactions.naming import rejected
from invoicing.transactions.table import freed, waiting_credit

BLOCKING: Final = frozenset({"AC01", "AC04", "AC06", "AG01", "MD01", "MD07"})
"""The reasons after which nothing can be collected with the mandate."""
WITHOUT_ACCOUNT: Final = frozenset({"AC01", "AC04"})
"""The reasons of credits to accounts that do not exist any more."""
CHARGEBACKS: Final = frozenset({"MD01", "MD06"})
"""The reasons of payers who want their money back: there was no mandate, or they dispute the debit."""
LEFT_TO_USERS: Final[tuple[type[DomainError], ...]] = (ReversalExceedsPaid, InvalidState)
"""Refusals of a return: its payment was refunded meanwhile, or its document is void. Users decide."""

_NOTHING: Final = Decimal()


class Ended(NamedTuple):
    """The changes by which a transaction ends. None for one that ended before: a return reported again is one."""

    transaction: Recorded[Transaction] | None = None
    others: tuple[Change, ...] = ()
    also: tuple[Also, ...] = ()

    def commit(self, store: Store, *first: Change) -> None:
        """Commit the end, after other changes. An invoice without an event about it keeps its version."""
        changes = [*first, *([] if self.transaction is None else [self.transaction]), *self.others]
        things = [one for one in self.others if isinstance(one, Recorded)]
        is_silent = any(isinstance(one.thing, InvoiceSummary) and not one.events for one in things)
        write = store.record if is_silent else store.commit
        write(changes[0], *changes[1:], also=self.also)


def ended(store: Store, before: Transaction, reason: ReturnReason, charges: Decimal = _NOTHING) -> Ended:
    """A transaction that failed, or was returned after its settlement: then its payment or refund is reversed.

    The charges of the bank for a debit are passed on as a fee if the tenant wants it.
    """
    moment = moment_of(store)
    failure = _failure(store, before, reason)
    others: list[Change] = []
    also: list[Also] = []
    if before.is_under_way:
        changed = Recorded(before.refused(failure, moment), TransactionFailed())
        also.append(freed([before]))
        others += _reversed(store, before, before.booked_payment_id, reason)
    elif before.status == "succeeded":
        changed = Recorded(before.returned(failure, moment), TransactionReturned())
        others += _reversed(store, before, before.payment_id, reason)
    else:
        return Ended()
    if before.type == "debit":
        others = _after_failed_debit(store, before, reason, charges, others)
        waiting = waiting_credit(store, before.invoice_id)
        if waiting is not None and waiting.refunded_transaction_id == before.id:
            others.append(waiting.canceled(moment))
            also.append(freed([waiting]))
    if before.sepa_file_id is not None:
        others.append(store.get(SepaFile, before.sepa_file_id).with_returns(1, moment))
    others += _blocked(store, before, reason, moment)
    return Ended(changed, tuple(others), tuple(also))


def refuse_rejected(store: Store, statement_id: str) -> None:
    """End the transactions that a pain.002 rejects, each in a commit of its own. A repetition changes nothing."""
    statement = store.get(BankStatement, statement_id)
    if not statement.rejected:
        return
    for rejection in rejections_of(store, statement):
        for one in rejected(store, rejection):
            retry_on_conflict(store, partial(_refuse, transaction_id=one.id, reason=rejection.reason))


def _refuse(store: Store, transaction_id: str, reason: ReturnReason) -> None:
    try:
        found = ended(store, store.get(Transaction, transaction_id), reason)
    except LEFT_TO_USERS:
        return
    if found.transaction is not None:
        found.commit(store)


def _failure(store: Store, before: Transaction, reason: ReturnReason) -> TransactionFailure:
    retry = False
    if before.type == "debit" and reason.code in RETRIED and tenant_of(store).collection.retry_returned:
        collection = store.get(InvoiceSummary, before.invoice_id).collection
        retry = collection is None or collection.failed is None
    return TransactionFailure(code=reason.code, message=reason.reason, retry=retry)


def _reversed(store: Store, before: Transaction, payment_id: str | None, reason: ReturnReason) -> list[Change]:
    """The reversal of its payment or refund, unless it has none, or a user reversed it before."""
    payment = store.get(Payment, before.invoice_id, payment_id) if payment_id else None
    if payment is None or payment.reversed_at is not None:
        return []
    is_disputed = before.type == "debit" and reason.code in CHARGEBACKS
    why: ReversalReason = "chargeback" if is_disputed else "returned"
    gone, changes = reversed_payment(store, before.invoice_id, payment.id, why)
    return [gone, *changes]


def _after_failed_debit(
    store: Store, debit: Transaction, reason: ReturnReason, charges: Decimal, changes: Sequence[Change]
) -> list[Change]:
    """The changes with the invoice's last failed debit, and the charges that are passed on."""
    passed_on = charges if tenant_of(store).collection.pass_on_return_charges else _NOTHING
    after = partial(_after_failure, debit, reason, passed_on, today=moment_of(store).today)
    return [after(one) for one in changes or [Recorded(store.get(InvoiceSummary, debit.invoice_id))]]


def _after_failure(debit: Transaction, reason: ReturnReason, charges: Decimal, change: Change, today: date) -> Change:
    """The invoice with its last failed debit and the charges passed on. Other changes are as they were."""
    if not isinstance(change, Recorded) or not isinstance(change.thing, InvoiceSummary) or debit.mandate is None:
        return change
    invoice = change.thing
    before = invoice.collection or InvoiceCollection()
    after: dict[str, Any] = {"collection": before.after_failure(debit.mandate.reference, reason.code, today)}
    if charges:
        after["dunning"] = invoice.dunning_so_far.with_return_charges(charges)
    return Recorded(invoice.model_copy(update=after), *change.events)


def _blocked(store: Store, before: Transaction, reason: ReturnReason, moment: Moment) -> list[Change]:
    """The payment methods without further debits, unless they ended or are blocked."""
    return [
        Recorded(one.as_blocked(moment), PaymentMethodBlocked())
        for one in _methods(store, before, reason)
        if not one.is_ended and one.status != "blocked"
    ]


def _methods(store: Store, before: Transaction, reason: ReturnReason) -> Sequence[PaymentMethod]:
    """The payment methods that nothing can be collected with: that of a debit, those with the account of a credit."""
    if before.type == "credit":
        iban = before.account.iban if before.account and reason.code in WITHOUT_ACCOUNT else None
        return [one for one in store.all(PaymentMethod, before.customer_id) if one.iban == iban] if iban else []
    if reason.code not in BLOCKING:
        return []
    try:
        return [store.get(PaymentMethod, before.customer_id, before.payment_method_id or "")]
    except PaymentMethodNotFound:
        return []
