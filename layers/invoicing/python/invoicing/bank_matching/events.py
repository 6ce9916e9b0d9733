"""Events about the allocation of bank transactions."""

from invoicing.bank.entry import BankAmount
from invoicing.bank.model import BankAllocation, BankCollection, BankTransaction
from invoicing.core.event import Event
from invoicing.core.model import Amount


class BankTransactionAllocated(Event):
    """A part of a bank transaction was allocated to documents, or all of it to transactions of SEPA files."""

    name = "bank_transaction.allocated"
    subject = BankTransaction
    action_key = "PAYMENT"

    allocations: tuple[BankAllocation, ...]
    """Allocations that were added."""
    collection: BankCollection | None = None
    """Transactions of SEPA files that it is the money of; null if it is of none."""
    unallocated: BankAmount
    """Part of the amount that is not allocated yet."""


class BankTransactionFreed(Event):
    """The payment of an allocation was reversed, so its part of the bank transaction can be allocated again."""

    name = "bank_transaction.freed"
    subject = BankTransaction
    action_key = "DELETE_PAYMENT"

    payment_id: str
    """Payment or refund that was reversed, `pay_` followed by a ULID."""
    invoice_id: str
    """Identifier of its document, `inv_` followed by a ULID."""
    amount: Amount
    """Amount of the payment."""
