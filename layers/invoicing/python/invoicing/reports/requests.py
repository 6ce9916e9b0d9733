"""Requests for reports."""

from typing import Annotated

from pydantic import ConfigDict, Field

from invoicing.core.ids import CustomerId
from invoicing.core.model import CurrencyCode, Day, Model
from invoicing.core.page import ListQuery


class OpenItemsQuery(ListQuery):
    """The moment and the customers of the open items; the order is that of the customers' creation."""

    as_of: Day | None = None
    """Date at whose end the items were open, today by default. It cannot be in the future."""
    customer_id: CustomerId | None = None
    """Items of this customer, with the documents behind the amounts."""
    currency: CurrencyCode | None = None
    """Items in this currency."""


class StatementQuery(Model):
    """The days of a statement, both included."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    first: Annotated[Day | None, Field(alias="from")] = None
    """First day, by default the first of the month of the last day."""
    last: Annotated[Day | None, Field(alias="to")] = None
    """Last day, today by default. It cannot be in the future."""
