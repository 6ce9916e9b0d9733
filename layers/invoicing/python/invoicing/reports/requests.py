"""Requests for reports."""

from invoicing.core.ids import CustomerId
from invoicing.core.model import CurrencyCode, Day
from invoicing.core.page import ListQuery


class OpenItemsQuery(ListQuery):
    """The moment and the customers of the open items; the order is that of the customers' creation."""

    as_of: Day | None = None
    """Date at whose end the items were open, today by default. It cannot be in the future."""
    customer_id: CustomerId | None = None
    """Items of this customer, with the documents behind the amounts."""
    currency: CurrencyCode | None = None
    """Items in this currency."""
