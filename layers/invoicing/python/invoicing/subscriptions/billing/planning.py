"""Plans of a subscription: its next invoices, and checks before it is saved."""

from datetime import date

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_ids
from invoicing.customers.model import Customer
from invoicing.invoices.errors import NoRecipient
from invoicing.subscriptions.billing.bills import planned
from invoicing.subscriptions.ledger import PlannedInvoice
from invoicing.subscriptions.model import Subscription
from invoicing.tenants.model import Tenant

_FIRST = 3


def first_invoices(
    subscription: Subscription, *, customer: Customer, tenant: Tenant, moment: Moment
) -> tuple[PlannedInvoice, ...]:
    """The first invoices of a subscription. Refuses items that no invoice can have."""
    return next_invoices(subscription, _FIRST, None, customer=customer, tenant=tenant, moment=moment)


def next_invoices(
    subscription: Subscription, count: int, until: date | None, *, customer: Customer, tenant: Tenant, moment: Moment
) -> tuple[PlannedInvoice, ...]:
    """The next invoices of a subscription, at most `count` and up to a date of billing, as the service bills them."""
    ids = new_ids("inv", moment.at)
    service = Moment(Caller.system(tenant.id), moment.at, tenant.time_zone)
    return tuple(planned(subscription, count, until, ids, customer=customer, tenant=tenant, moment=service))


def require_mailable(subscription: Subscription, tenant: Tenant, customer: Customer) -> None:
    """Refuse to mail invoices without a sender or recipient."""
    if subscription.action != "send":
        return
    tenant.require_sender("/action")
    if not customer.emails:
        raise NoRecipient(pointer="/action")
