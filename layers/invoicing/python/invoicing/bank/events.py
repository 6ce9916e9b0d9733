"""Events about bank statements and transactions."""

from typing import ClassVar

from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.core.activity import ActionKey
from invoicing.core.event import Event


class BankStatementEvent(Event):
    """An event about a bank statement."""

    subject = BankStatement
    action_key: ClassVar[ActionKey] = "STATUS"


class BankStatementUploaded(BankStatementEvent):
    """A bank statement was uploaded, and its import requested."""

    name = "bank_statement.uploaded"
    action_key: ClassVar[ActionKey] = "CREATE"


class BankStatementImported(BankStatementEvent):
    """All entries of a bank statement were imported."""

    name = "bank_statement.imported"


class BankStatementFailed(BankStatementEvent):
    """The import of a bank statement failed for good. The entries that were imported stay."""

    name = "bank_statement.failed"


class BankTransactionReceived(Event):
    """A bank transaction was imported for the first time."""

    name = "bank_transaction.received"
    subject = BankTransaction
    action_key: ClassVar[ActionKey] = "CREATE"


class BankTransactionIgnored(Event):
    """A user marked a bank transaction as one that pays no document."""

    name = "bank_transaction.ignored"
    subject = BankTransaction
    action_key: ClassVar[ActionKey] = "STATUS"


class BankTransactionReopened(Event):
    """A user marked an ignored bank transaction as open again."""

    name = "bank_transaction.reopened"
    subject = BankTransaction
    action_key: ClassVar[ActionKey] = "STATUS"
