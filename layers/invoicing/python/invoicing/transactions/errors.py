"""Refusals about transactions."""

from invoicing.core.errors import Category, DomainError, NotFound


class TransactionNotFound(NotFound):
    """The transaction does not exist.

    Check the identifier; list the transactions to find it.
    """

    code = "PAYMENT_TRANSACTION_NOT_FOUND"


class TransactionNotUnderWay(DomainError):
    """The status of the transaction does not allow this change.

    Retrieve the transaction to see its status.
    """

    code = "TRANSACTION_NOT_UNDER_WAY"
    category = Category.CONFLICT


class TransactionNotRefundable(DomainError):
    """Only a direct debit that succeeded can be paid back.

    Retrieve the transaction to see its type and status.
    """

    code = "TRANSACTION_NOT_REFUNDABLE"
    category = Category.CONFLICT


class DebitUnderWay(DomainError):
    """A direct debit with this payment method is under way.

    Cancel its SEPA file, or wait until the bank has settled or returned the debit.
    """

    code = "DEBIT_UNDER_WAY"
    category = Category.CONFLICT


class EndToEndIdExists(DomainError):
    """Another transaction of the tenant has this end-to-end id.

    End-to-end ids are made by the service, so the request can be repeated.
    """

    code = "END_TO_END_ID_EXISTS"
    category = Category.CONFLICT
