"""Events about transactions."""

from typing import ClassVar

from invoicing.core.activity import ActionKey
from invoicing.core.event import Event
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
