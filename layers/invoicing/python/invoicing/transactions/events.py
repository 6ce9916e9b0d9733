"""Events about transactions."""

from typing import ClassVar

from invoicing.core.activity import ActionKey
from invoicing.core.event import Event
from invoicing.core.ids import TransactionId
from invoicing.core.model import Amount, CurrencyCode
from invoicing.transactions.model import Transaction


class TransactionEvent(Event):
    """An event about a transaction."""

    subject = Transaction
    action_key: ClassVar[ActionKey] = "STATUS"


class TransactionSucceeded(TransactionEvent):
    """A transaction was settled, and its payment or refund recorded."""

    name = "transaction.succeeded"


class TransactionFailed(TransactionEvent):
    """The bank refused a transaction, or returned it before it was settled."""

    name = "transaction.failed"


class TransactionReturned(TransactionEvent):
    """The bank returned a transaction, and its payment or refund was reversed."""

    name = "transaction.returned"


class TransactionRefunded(TransactionEvent):
    """A direct debit is paid back: the next file of credit transfers takes its refund."""

    name = "transaction.refunded"
    action_key: ClassVar[ActionKey] = "CREATE"

    refund_id: TransactionId
    """Identifier of the credit transfer, `txn_` followed by a ULID."""
    amount: Amount
    """Amount that is paid back."""
    currency: CurrencyCode
    """Currency of the amount."""
