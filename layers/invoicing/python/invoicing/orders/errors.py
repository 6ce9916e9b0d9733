"""Refusals about orders."""

from invoicing.core.errors import Category, DomainError, NotFound


class OrderNotFound(NotFound):
    """The order does not exist."""

    code = "ORDER_NOT_FOUND"


class OrderAlreadyInvoiced(DomainError):
    """The order is already invoiced; delete the draft or cancel the invoice first."""

    code = "ORDER_ALREADY_INVOICED"
    category = Category.CONFLICT
