"""What clients say about customers."""

from typing import Literal

from invoicing.adapters.dynamodb.listing import Filter, same
from invoicing.domain.ids import UserId
from invoicing.domain.model import ShortText
from invoicing.domain.pages import ListQuery


class CustomerQuery(ListQuery):
    """Which customers to list."""

    external_id: ShortText | None = None
    type: Literal["company", "person"] | None = None
    owner_id: UserId | None = None

    def conditions(self) -> list[Filter]:
        """What the entries must be, beside the owner, whom the place answers."""
        return [*same(external_id=self.external_id, type=self.type)]
