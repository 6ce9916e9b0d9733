"""What clients say about customers."""

from typing import Literal

from invoicing.core.ids import UserId
from invoicing.core.model import CurrencyCode, Instant, ShortText
from invoicing.core.page import ListQuery
from invoicing.store import keys
from invoicing.store.listing import Condition, Filter, Stretch, between, same
from invoicing.store.records import searched


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

    def stretch(self, tenant: str, holder: str | None) -> Stretch:
        """Where to look; `holder` is the one customer that has the external id asked for."""
        everyone = keys.of_tenant(tenant, "CUS")
        return Stretch(keys.of_owner(tenant, self.owner_id, "CUS") if self.owner_id else everyone, holder, holder)

    def conditions(self) -> list[Filter]:
        """What the entries must be, beside what the place has answered already."""
        found: list[Filter] = [*same(type=self.type, tax_id=self.tax_id, currency=self.currency)]
        found += between("created_at", self.created_from, self.created_to)
        found += between("updated_at", self.updated_since, None)
        if self.name is not None:
            found.append(Condition("name", "contains", searched(self.name)))
        if self.email is not None:
            found.append(Condition("emails", "contains", searched(self.email)))
        if self.archived is not None:
            found.append(Condition("archived", "=", self.archived))
        return found
