"""Requests about transactions."""

from invoicing.core.ids import CustomerId, InvoiceId
from invoicing.core.model import Value
from invoicing.core.page import ListQuery
from invoicing.payments.model import PositiveAmount
from invoicing.transactions.model import TransactionState, TransactionType


class TransactionQuery(ListQuery):
    """Filters for transactions; an entry matches all that are given."""

    type: TransactionType | None = None
    """Transactions of this type."""
    status: TransactionState | None = None
    """Transactions with this status."""
    customer_id: CustomerId | None = None
    invoice_id: InvoiceId | None = None


class RefundTransaction(Value):
    """The part of a direct debit that is paid back."""

    amount: PositiveAmount | None = None
    """Amount to pay back, above zero. By default all of the document's `refund_due` that the debit paid."""
