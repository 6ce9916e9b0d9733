"""Refusals about bank statements and transactions."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class StatementNotFound(NotFound):
    """The bank statement does not exist.

    Check the identifier; list the bank statements to find it.
    """

    code = "STATEMENT_NOT_FOUND"


class BankTransactionNotFound(NotFound):
    """The bank transaction does not exist.

    Check the identifier; list the bank transactions to find it.
    """

    code = "TRANSACTION_NOT_FOUND"


class UnknownAccount(RuleBroken):
    """The account is none of the tenant's bank accounts.

    Add the account to `bank_accounts` of the tenant, or set `bank_account_id` if the file does not name its account.
    """

    code = "UNKNOWN_ACCOUNT"


class UnreadableStatement(RuleBroken):
    """The file cannot be read as a bank statement.

    Request camt.053 or MT940 from the bank, or set a `csv_profile`. `detail` names the place in the file.
    """

    code = "UNREADABLE_STATEMENT"


class TransactionAllocated(DomainError):
    """The bank transaction is allocated to documents.

    Reverse its allocations first.
    """

    code = "TRANSACTION_ALLOCATED"
    category = Category.CONFLICT


class TransactionIgnored(DomainError):
    """The bank transaction is ignored.

    Set its status to `open` first.
    """

    code = "TRANSACTION_IGNORED"
    category = Category.CONFLICT


class ExternalIdDiffers(DomainError):
    """The external_id is known for a transaction with another amount or date.

    Send each transaction under an `external_id` of its own, and a known one unchanged.
    """

    code = "EXTERNAL_ID_DIFFERS"
    category = Category.CONFLICT
