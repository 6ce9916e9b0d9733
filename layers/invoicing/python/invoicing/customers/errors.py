"""Refusals about customers."""

from invoicing.core.errors import Category, DomainError, NotFound


class CustomerNotFound(NotFound):
    """The customer does not exist.

    Check the identifier; list the customers to find it.
    """

    code = "CUSTOMER_NOT_FOUND"


class CustomerInUse(DomainError):
    """The customer cannot be deleted while documents refer to it.

    Archive the customer with `archived_at`, or erase its personal data.
    """

    code = "CUSTOMER_IN_USE"
    category = Category.CONFLICT


class CustomerIsErased(DomainError):
    """The customer was erased and can no longer be updated or invoiced.

    Create a new customer.
    """

    code = "CUSTOMER_ERASED"
    category = Category.CONFLICT
