"""The end of direct debits that the bank refused or returned."""

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
from invoicing.core.event import Change, Recorded
from invoicing.core.identity import Moment
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
from invoicing.transactions.table import freed

BLOCKING: Final = frozenset({"AC01", "AC04", "AC06", "AG01", "MD01", "MD07"})
"""The reasons after which nothing can be collected with the mandate."""
CHARGEBACKS: Final = frozenset({"MD01", "MD06"})
"""The reasons of payers who want their money back: there was no mandate, or they dispute the debit."""

_NOTHING: Final = Decimal()


class Ended(NamedTuple):
    """The changes by which a debit ends. Empty for one that ended before: a return that is reported again is one."""

    debit: Recorded[Transaction] | None = None
    others: tuple[Change, ...] = ()
    also: tuple[Also, ...] = ()

    def commit(self, store: Store, *first: Change) -> None:
        """Commit the end of the debit, after other changes. An invoice without an event about it keeps its version."""
        changes = [*first, *([] if self.debit is None else [self.debit]), *self.others]
        things = [one for one in self.others if isinstance(one, Recorded)]
        is_silent = any(isinstance(one.thing, InvoiceSummary) and not one.events for one in things)
        write = store.record if is_silent else store.commit
        write(changes[0], *changes[1:], also=self.also)


def ended(store: Store, debit: Transaction, reason: ReturnReason, charges: Decimal = _NOTHING) -> Ended:
    """A debit that failed, or was returned after its settlement: then its payment is reversed by the same amount.

    The charges of the bank are passed on as a fee if the tenant wants it.
    """
    moment, settings = moment_of(store), tenant_of(store).collection
    after_failure = partial(_after_failure, debit, reason, charges if settings.pass_on_return_charges else _NOTHING)
    failure = _failure(store, debit, reason)
    if debit.is_under_way:
        refused = debit.refused(failure, moment)
        changed, also = Recorded(refused, TransactionFailed()), [freed([refused])]
        others: list[Change] = [Recorded(store.get(InvoiceSummary, debit.invoice_id))]
    elif debit.status == "succeeded":
        changed, also = Recorded(debit.returned(failure, moment), TransactionReturned()), []
        others = _reversed(store, debit, reason)
    else:
        return Ended()
    others = [after_failure(one, moment.today) for one in others]
    others.append(store.get(SepaFile, debit.file_id).with_returns(1, moment))
    if reason.code in BLOCKING:
        others += _blocked(store, debit, moment)
    return Ended(changed, tuple(others), tuple(also))


def refuse_debits(store: Store, statement_id: str) -> None:
    """End the debits that a pain.002 rejects, each in a commit of its own. A repetition changes nothing."""
    statement = store.get(BankStatement, statement_id)
    if not statement.rejected:
        return
    for rejection in rejections_of(store, statement):
        for debit in rejected(store, rejection):
            retry_on_conflict(store, partial(_refuse, transaction_id=debit.id, reason=rejection.reason))


def _refuse(store: Store, transaction_id: str, reason: ReturnReason) -> None:
    try:
        found = ended(store, store.get(Transaction, transaction_id), reason)
    except ReversalExceedsPaid:
        # The payment was refunded meanwhile. Users decide, once they reversed the refund.
        return
    if found.debit is not None:
        found.commit(store)


def _failure(store: Store, debit: Transaction, reason: ReturnReason) -> TransactionFailure:
    before = store.get(InvoiceSummary, debit.invoice_id).collection
    is_first = before is None or before.failed is None
    retry = is_first and reason.code in RETRIED and tenant_of(store).collection.retry_returned
    return TransactionFailure(code=reason.code, message=reason.reason, retry=retry)


def _reversed(store: Store, debit: Transaction, reason: ReturnReason) -> list[Change]:
    """The reversal of the debit's payment. A canceled invoice got none, and a user can have reversed it before."""
    payment = store.get(Payment, debit.invoice_id, debit.payment_id) if debit.payment_id else None
    if payment is None or payment.reversed_at is not None:
        return [Recorded(store.get(InvoiceSummary, debit.invoice_id))]
    why: ReversalReason = "chargeback" if reason.code in CHARGEBACKS else "returned"
    gone, changes = reversed_payment(store, debit.invoice_id, payment.id, why)
    return [gone, *changes]


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


def _blocked(store: Store, debit: Transaction, moment: Moment) -> list[Change]:
    """The payment method without further debits, unless it ended, is blocked, or its record was deleted."""
    try:
        method = store.get(PaymentMethod, debit.customer_id, debit.payment_method_id or "")
    except PaymentMethodNotFound:
        return []
    if method.is_ended or method.status == "blocked":
        return []
    return [Recorded(method.as_blocked(moment), PaymentMethodBlocked())]
