"""Requests about customers."""

from typing import Literal

from invoicing.core.ids import UserId
from invoicing.core.model import CurrencyCode, Instant, ShortText
from invoicing.core.page import ListQuery


class CustomerQuery(ListQuery):
    """Filters for customers; an entry matches all that are given."""

    external_id: ShortText | None = None
    name: ShortText | None = None
    """Customers whose name contains this text, ignoring case."""
    email: ShortText | None = None
    """Customers with this e-mail address, ignoring case: among `emails` or the recipients of a purpose."""
    type: Literal["company", "person"] | None = None
    """Customers of this type: `company` or `person`."""
    tax_id: ShortText | None = None
    """Customers with exactly this VAT identification number."""
    currency: CurrencyCode | None = None
    """Customers with this currency."""
    owner_id: UserId | None = None
    """Customers that this user is responsible for."""
    archived: bool | None = None
    """`true` for archived customers only, `false` for active customers only."""
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_since: Instant | None = None
