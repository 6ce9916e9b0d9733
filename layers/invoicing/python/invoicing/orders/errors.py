"""Refusals about orders."""

from invoicing.core.errors import Category, DomainError, NotFound


class OrderNotFound(NotFound):
    """The order does not exist.

    Check the identifier; list the orders to find it.
    """

    code = "ORDER_NOT_FOUND"


class OrderAlreadyInvoiced(DomainError):
    """The order is already invoiced; delete the draft or cancel the invoice first.

    Work with the existing invoice, or delete its draft or cancel it first.
    """

    code = "ORDER_ALREADY_INVOICED"
    category = Category.CONFLICT
