"""What clients say about customers."""

from typing import Literal

from invoicing.core.ids import UserId
from invoicing.core.model import CurrencyCode, Instant, ShortText
from invoicing.core.page import ListQuery


class CustomerQuery(ListQuery):
    """Which customers to list; all that is given must be true of an entry. `name` is looked for anywhere in it."""

    external_id: ShortText | None = None
    name: ShortText | None = None
    email: ShortText | None = None
    type: Literal["company", "person"] | None = None
    tax_id: ShortText | None = None
    currency: CurrencyCode | None = None
    owner_id: UserId | None = None
    archived: bool | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_since: Instant | None = None
