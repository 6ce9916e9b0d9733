"""Refusals about customers."""

from invoicing.core.errors import Category, DomainError, NotFound


class CustomerNotFound(NotFound):
    """The customer does not exist."""

    code = "CUSTOMER_NOT_FOUND"


class CustomerInUse(DomainError):
    """The customer cannot be deleted while documents refer to it."""

    code = "CUSTOMER_IN_USE"
    category = Category.CONFLICT


class CustomerErased(DomainError):
    """The customer was erased and can no longer be updated or invoiced."""

    code = "CUSTOMER_ERASED"
    category = Category.CONFLICT
