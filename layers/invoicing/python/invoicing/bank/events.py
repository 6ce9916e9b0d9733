"""Events about bank statements and transactions."""

from typing import ClassVar

from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.core.activity import ActionKey
from invoicing.core.event import Event


class BankStatementEvent(Event):
    """An event about a bank statement."""

    subject = BankStatement
    action_key: ClassVar[ActionKey] = "STATUS"


class BankStatementUploadRequested(BankStatementEvent):
    """A file was announced, to be uploaded to S3 within 15 minutes."""

    name = "bank_statement.upload_requested"
    action_key: ClassVar[ActionKey] = "CREATE"

    file_id: str
    """Identifier of the announced file."""


class BankStatementUploaded(BankStatementEvent):
    """A bank statement was uploaded, and its import requested."""

    name = "bank_statement.uploaded"
    action_key: ClassVar[ActionKey] = "CREATE"


class BankStatementImported(BankStatementEvent):
    """All entries of a bank statement were imported."""

    name = "bank_statement.imported"


class BankStatementFailed(BankStatementEvent):
    """A file that was announced did not arrive or is no statement, or an import failed for good. Its entries stay."""

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
