"""Plans of a subscription: its next invoices, and checks before it is saved."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from re import sub
from typing import Any

from invoicing.core.errors import DomainError
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_ids
from invoicing.customers.model import Customer
from invoicing.document_forms.design import IssuedForm
from invoicing.document_forms.workflow import form_of
from invoicing.invoices.errors import NoRecipient
from invoicing.invoices.model import Invoice
from invoicing.issuing.workflow import Issuing
from invoicing.numbering.table import counter_in
from invoicing.settlement.workflow import carried_over
from invoicing.store.store import Store
from invoicing.subscriptions.billing.attention import explanation
from invoicing.subscriptions.billing.bills import planned
from invoicing.subscriptions.billing.issuing import NotIssuable, issued_invoice
from invoicing.subscriptions.ledger import InvoiceRefusal, PlannedInvoice, SubscriptionPeriod
from invoicing.subscriptions.model import Action, Subscription
from invoicing.subscriptions.prices import NO_PRICES, Prices
from invoicing.tenants.model import Tenant

_FIRST = 3


def first_invoices(
    subscription: Subscription, *, customer: Customer, tenant: Tenant, moment: Moment, prices: Prices = NO_PRICES
) -> tuple[PlannedInvoice, ...]:
    """The first invoices of a subscription. Refuses items that no invoice can have."""
    try:
        return next_invoices(subscription, _FIRST, None, customer=customer, tenant=tenant, moment=moment, prices=prices)
    except DomainError as refused:
        # An item can become several lines, so a refused line leads to all items.
        at_items = (replace(one, pointer=sub("^/lines.*", "/items", one.pointer)) for one in refused.errors)
        refused.errors = tuple(dict.fromkeys(at_items))
        raise


def next_invoices(  # noqa: PLR0913 — how far to look ahead, and the parties
    subscription: Subscription,
    count: int,
    until: date | None,
    *,
    customer: Customer,
    tenant: Tenant,
    moment: Moment,
    prices: Prices = NO_PRICES,
    waiting: Sequence[SubscriptionPeriod] = (),
) -> tuple[PlannedInvoice, ...]:
    """The next invoices of a subscription, at most `count` and up to a date of billing, as the service bills them.

    `waiting` are the periods with charges that wait for the first one.
    """
    ids = new_ids("inv", moment.at)
    service = Moment(Caller.system(tenant.id), moment.at, tenant.time_zone)
    parties: dict[str, Any] = {"customer": customer, "tenant": tenant, "moment": service, "prices": prices}
    return tuple(planned(subscription, count, until, ids, waiting=waiting, **parties))


def as_billed(
    store: Store,
    subscription: Subscription,
    invoices: Iterable[PlannedInvoice],
    *,
    customer: Customer,
    tenant: Tenant,
) -> tuple[PlannedInvoice, ...]:
    """Planned invoices as the service would issue them, each with the refusal by the rules of issued invoices."""
    planned = tuple(invoices)
    drafts = [one.invoice for one in planned if one.invoice]
    if subscription.action == "draft" or not drafts:
        return planned
    form = form_of(store, drafts[0], customer, tenant)
    waiting, found = subscription.waiting_credits, list[PlannedInvoice]()
    for one in planned:
        issued = _issued(one, subscription.action, customer, tenant, form)
        if issued.invoice and issued.refusal is None:
            moment = _billed_by_service(tenant, issued.invoice)
            paid = carried_over(store, issued.invoice, waiting=waiting, moment=moment)
            issued, waiting = issued.model_copy(update={"invoice": paid.document}), paid.rest
        found.append(issued)
    return tuple(found)


def _issued(
    planned: PlannedInvoice, action: Action, customer: Customer, tenant: Tenant, form: IssuedForm | None
) -> PlannedInvoice:
    draft = planned.invoice
    if draft is None:
        return planned
    moment = _billed_by_service(tenant, draft)
    # The rules need a number. The first one of the series is as good as that of the later invoice.
    counter = counter_in({}, tenant, draft.series, moment.today)
    parties = Issuing(tenant, customer, counter)
    try:
        issued = issued_invoice(draft, counter.number, parties, form, send=action == "send", moment=moment)
    except NotIssuable as refused:
        refusal = InvoiceRefusal(code=refused.error.code, detail=explanation(refused.error))
        return planned.model_copy(update={"refusal": refusal})
    without_number = {"number": None, "series": counter.series.name}
    return planned.model_copy(update={"invoice": issued.model_copy(update=without_number)})


def _billed_by_service(tenant: Tenant, draft: Invoice) -> Moment:
    return Moment(Caller.system(tenant.id), draft.created_at, tenant.time_zone)


def require_mailable(subscription: Subscription, tenant: Tenant, customer: Customer) -> None:
    """Refuse to mail invoices without a sender or recipient."""
    if subscription.action != "send":
        return
    tenant.require_sender("/action")
    if not customer.mailed_to("invoices"):
        raise NoRecipient(pointer="/action")
