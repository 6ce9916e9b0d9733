"""Refunds of direct debits: credits that the next file takes, to the accounts from which the money came."""

from decimal import Decimal

from invoicing.bank.showing import shown_to
from invoicing.core.currency import to_minor
from invoicing.core.event import Recorded
from invoicing.core.ids import new_id
from invoicing.invoices.model import InvoiceSummary
from invoicing.payments.model import Payment, is_transfer
from invoicing.payments.table import refund_under_way
from invoicing.sepa_files.table import rows_unchanged
from invoicing.settlement.deducting import refundable_of
from invoicing.settlement.errors import RefundExceedsCredit, RefundUnderWay
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of
from invoicing.transactions.events import TransactionRefunded
from invoicing.transactions.model import Transaction
from invoicing.transactions.table import claimed, replaced, transactions_with
from invoicing.transactions.waiting import unowed_of


def refund(store: Store, transaction_id: str, amount: Decimal | None) -> Transaction:
    """Create the credit that pays a debit back: the wanted amount, or all that may leave the document."""
    debit = store.get(Transaction, transaction_id)
    account = debit.require_refundable()
    document = store.get(InvoiceSummary, debit.invoice_id)
    owed = refundable_of(store, document)
    most = min(owed, _left_of(store, debit))
    if amount is not None:
        to_minor(amount, debit.currency, pointer="/amount")
    if most <= 0 or (amount or most) > most:
        raise RefundExceedsCredit(f"At most {most} can be refunded.", pointer="/amount")
    ended = _ended(store, document, owed)
    moment = moment_of(store)
    id_ = new_id("txn", moment.at)
    credit = Transaction(
        id=id_,
        type="credit",
        invoice_id=debit.invoice_id,
        customer_id=debit.customer_id,
        amount=amount or most,
        currency=debit.currency,
        end_to_end_id=id_.removeprefix("txn_"),
        account=account,
        remittance=debit.remittance,
        refunded_transaction_id=debit.id,
        **moment.created,
    )
    event = TransactionRefunded(refund_id=credit.id, amount=credit.amount, currency=credit.currency)
    others = [] if ended is None else [ended.canceled(moment)]
    also = (claimed([credit]) if ended is None else replaced(ended, credit), rows_unchanged([document]))
    shown = shown_to(store.session.caller, credit.model_copy(update={"version": 1}))
    store.commit(credit, *others, Recorded(debit, event), also=also, response=shown)
    return shown


def _left_of(store: Store, debit: Transaction) -> Decimal:
    """The amount of a debit that its refunds have not paid back."""
    refunds = [one for one in store.all(Payment, debit.invoice_id) if one.type == "refund" and one.reversed_at is None]
    ids = {one.external_id for one in refunds if one.external_id and is_transfer(one)}
    transfers = transactions_with(store, ids)
    return debit.amount - sum((one.amount for one in transfers if one.refunded_transaction_id == debit.id), Decimal())


def _ended(store: Store, document: InvoiceSummary, owed: Decimal) -> Transaction | None:
    """The refund that ends with a new one, because it waits for more than is owed. Refuses beside any other one."""
    if refund_under_way(store, document.id) is None:
        return None
    unowed = unowed_of(store, document.id, owed)
    if unowed is None:
        raise RefundUnderWay
    return unowed
