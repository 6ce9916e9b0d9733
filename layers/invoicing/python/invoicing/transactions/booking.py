"""Debits whose money users booked: a bank transaction named them, and no rule books such a one on documents."""

from collections.abc import Sequence

from invoicing.bank.model import BankTransaction
from invoicing.payments.model import Payment
from invoicing.store.store import Store
from invoicing.transactions.model import Transaction
from invoicing.transactions.naming import named_in


def debits_booked_with(store: Store, allocated: BankTransaction) -> Sequence[Transaction]:
    """The debits under way that a bank transaction names, once a user booked it on their invoices.

    It may be their money. So they are not recorded again, unless the bank credits them by themselves.
    """
    paid = {one.target_id: one.payment_id for one in allocated.allocations if one.kind == "invoice"}
    if not paid:
        return ()
    moment = store.session.moment
    return [
        one.booked(paid[one.invoice_id], moment)
        for one in named_in(store, allocated)
        if one.type == "debit" and one.is_under_way and one.invoice_id in paid
    ]


def booked_payment(store: Store, debit: Transaction) -> Payment | None:
    """The payment that a user booked for a debit, unless it was reversed."""
    id_ = debit.booked_payment_id
    payment = store.get(Payment, debit.invoice_id, id_) if id_ else None
    return payment if payment is not None and payment.reversed_at is None else None
