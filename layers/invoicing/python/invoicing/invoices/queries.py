"""What clients say about invoices."""

from datetime import date, timedelta

from invoicing.core.identity import Caller, Role
from invoicing.core.ids import CustomerId, OrderId
from invoicing.core.model import CurrencyCode, Day, Instant, ShortText, Value
from invoicing.core.page import ListQuery
from invoicing.invoices.lifecycle import DocumentType, Status
from invoicing.invoices.model import Origin, PaymentStatus
from invoicing.store import keys
from invoicing.store.keys import Place
from invoicing.store.listing import Condition, Filter, Not, Stretch, between, days, same

_EQUAL = ("status", "payment_status", "type", "order_id", "external_id", "currency", "origin")


class FinalizeInvoice(Value):
    """How to issue a draft. Dates given here beat the draft's; `send` mails it as soon as it is rendered."""

    issue_date: Day | None = None
    due_date: Day | None = None
    send: bool = False


class InvoiceQuery(ListQuery):
    """Which invoices to list; all that is given must be true of an entry."""

    status: Status | None = None
    payment_status: PaymentStatus | None = None
    type: DocumentType | None = None
    customer_id: CustomerId | None = None
    order_id: OrderId | None = None
    number: ShortText | None = None
    external_id: ShortText | None = None
    currency: CurrencyCode | None = None
    overdue: bool | None = None
    origin: Origin | None = None
    issued_from: Day | None = None
    issued_to: Day | None = None
    due_from: Day | None = None
    due_to: Day | None = None
    created_from: Instant | None = None
    created_to: Instant | None = None
    updated_since: Instant | None = None

    def stretches(self, caller: Caller, today: date, holder: str | None = None) -> list[Stretch]:
        """Where to look; `holder` is the one document that has the number asked for, if one is."""
        if not caller.limited and self.customer_id is None and holder is None and self._by_due_date:
            return [days(keys.by_due_date(caller.tenant_id), *self._due(today))]
        return [Stretch(place, holder, holder) for place in self._places(caller)]

    def _places(self, caller: Caller) -> list[Place]:
        """A member's own invoices and those of owned customers; a customer's; all."""
        tenant = caller.tenant_id
        if caller.role is Role.MEMBER:
            me = caller.user.id if caller.user else "-"
            return [keys.of_creator(tenant, me, "INV"), keys.of_owner(tenant, me, "INV")]
        if caller.role is Role.CUSTOMER:
            # A portal user without a customer sees nothing, and surely not everything.
            return [keys.of_customer(tenant, caller.customer_id or "-", "INV")]
        return [
            keys.of_customer(tenant, self.customer_id, "INV") if self.customer_id else keys.of_tenant(tenant, "INV")
        ]

    def conditions(self, caller: Caller, today: date) -> list[Filter]:
        """What the entries found there must be; what the place has answered already is not asked again."""
        found: list[Filter] = [*same(**{name: getattr(self, name) for name in _EQUAL})]
        found += between("issue_date", self.issued_from, self.issued_to)
        found += between("created_at", self.created_from, self.created_to)
        found += between("updated_at", self.updated_since, None)
        if caller.limited or self.customer_id or self.number:
            found += between("due_date", *self._due(today))
        if caller.limited:
            found += same(customer_id=self.customer_id)
        if caller.role is Role.CUSTOMER:
            found.append(Not(tuple(same(status=Status.DRAFT))))
        if self.overdue:
            found += same(status=Status.OPEN)
        elif self.overdue is False:
            found.append(Not((*same(status=Status.OPEN), Condition("due_date", "<", today.isoformat()))))
        return found

    @property
    def _by_due_date(self) -> bool:
        return bool(self.overdue or self.due_from or self.due_to)

    def _due(self, today: date) -> tuple[date | None, date | None]:
        """The due dates asked for; what is overdue was due yesterday at the latest."""
        latest = [day for day in (self.due_to, today - timedelta(days=1) if self.overdue else None) if day]
        return self.due_from, min(latest, default=None)
