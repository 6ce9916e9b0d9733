"""What clients say about dunning."""

from typing import Annotated

from pydantic import Field

from invoicing.core.identity import Caller, Role
from invoicing.core.ids import CustomerId, InvoiceId
from invoicing.core.model import ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.dunning.document import DocumentStatus
from invoicing.dunning.rule import HIGHEST_LEVEL
from invoicing.store import keys
from invoicing.store.listing import Condition, Filter, Stretch, same


class StartDunningRun(Value):
    """Whether to show only what a run would do."""

    dry_run: bool = False


class CancelDunningDocument(Value):
    """Why it is taken back; for the timeline, not for the customer."""

    reason: ShortText | None = None


class DunningDocumentQuery(ListQuery):
    """Which reminders and dunning letters to list."""

    status: DocumentStatus | None = None
    level: Annotated[int, Field(ge=1, le=HIGHEST_LEVEL)] | None = None
    invoice_id: InvoiceId | None = None
    customer_id: CustomerId | None = None

    def stretch(self, caller: Caller) -> Stretch:
        """Where to look: a customer's own, those of one customer, or all."""
        # A portal user without a customer sees nothing, and surely not everything.
        whose = caller.customer_id or "-" if caller.role is Role.CUSTOMER else self.customer_id
        tenant = caller.tenant_id
        return Stretch(keys.of_customer(tenant, whose, "DUN") if whose else keys.of_tenant(tenant, "DUN"))

    def conditions(self, caller: Caller) -> list[Filter]:
        """What the entries found there must be."""
        level = None if self.level is None else str(self.level)
        found: list[Filter] = [*same(status=self.status, level=level, invoice_id=self.invoice_id)]
        if caller.role is Role.CUSTOMER:
            found += same(customer_id=self.customer_id)
            found.append(Condition("sent_at", ">=", "0"))
        return found
