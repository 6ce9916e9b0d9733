"""The billing of one subscription: each invoice with its periods and its number in a transaction of its own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from invoicing.collection.table import with_mandate
from invoicing.core.errors import DocumentTooLarge, DomainError
from invoicing.core.event import Change, Event, Recorded
from invoicing.core.identity import Moment
from invoicing.core.ids import new_id
from invoicing.customers.model import Customer
from invoicing.document_forms.workflow import form_of
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.events import InvoiceFinalized, RecurringInvoiceCreated
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.issuing.workflow import Issuing, issue, issuing_in, issuing_keys, parties_and_counter
from invoicing.numbering.model import series_of
from invoicing.outbox.deferring import NOT_NOW
from invoicing.settlement.workflow import carried_over
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_at
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.store.transaction import MAX_BYTES, MAX_WRITES, Weight
from invoicing.subscriptions.billing.attention import attention_code, waiting, waits_for_retry
from invoicing.subscriptions.billing.bills import Bill, bill, held
from invoicing.subscriptions.billing.issuing import NotIssuable, issued_invoice
from invoicing.subscriptions.billing.pricing import price_keys, prices_in
from invoicing.subscriptions.billing.waiting import waiting_dues, waiting_rows
from invoicing.subscriptions.changing.applying import in_force, in_force_at_next
from invoicing.subscriptions.changing.ending import taken_back
from invoicing.subscriptions.errors import TooManyPeriods, TotalTooHigh
from invoicing.subscriptions.events import (
    SubscriptionUpdated,
    change_events,
    period_events,
    status_events,
)
from invoicing.subscriptions.ledger import Attention, Due, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.prices import NO_PRICES, Prices
from invoicing.subscriptions.schedule import MOST_OPEN_PERIODS, dues_at, is_due, past_count, with_status
from invoicing.subscriptions.terms import Cancellation
from invoicing.subscriptions.workflow import without_wait_for
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_of

_MOST_TIMES_THE_MEAN: Final = 10
_NEVER_TOO_HIGH: Final = Decimal(1000)
WEIGHT_OF_A_RUN: Final = Weight(items=5, bytes=500_000)
"""The items of a run beside the bills of a block: head, results, drafts, the entry about its end, and the release of
its source."""


class Basis(NamedTuple):
    """The facts to bill a subscription: the parties with the counter, and stored prices among other items."""

    parties: Issuing[Customer]
    found: Mapping[Key, Item]


def decided_bill(
    store: Store, subscription: Subscription, local: datetime, *, customer: Customer, tenant: Tenant, moment: Moment
) -> Bill | None:
    """The draft that the service creates for the periods that are due first. None if nothing is due.

    Refuses more than a mistake or an outage should bill without a user.
    """
    if not subscription.has_unissued_draft and past_count(subscription, local.date()) > MOST_OPEN_PERIODS:
        raise TooManyPeriods
    made = due_bill(store, subscription, local, customer=customer, tenant=tenant, moment=moment)
    mean, draft = subscription.mean_total, made and made.draft
    if draft and mean is not None and draft.total > max(mean * _MOST_TIMES_THE_MEAN, _NEVER_TOO_HIGH):
        raise TotalTooHigh
    return made


def due_bill(
    store: Store, subscription: Subscription, local: datetime, *, customer: Customer, tenant: Tenant, moment: Moment
) -> Bill | None:
    """The draft for the periods that are due first, without the bounds of `decided_bill`.

    Nothing is billed while a draft that could not be issued waits for a user.
    """
    if subscription.has_unissued_draft or not is_due(subscription, local):
        return None
    subscription = in_force_at_next(subscription)
    if not is_due(subscription, local):
        return Bill(None, (), with_status(subscription, tenant.today(moment.at)))
    dues = (*dues_at(subscription, local), *waiting_dues(subscription, waiting_rows(store, subscription)))
    prices = prices_due(store, subscription, dues)
    id_ = new_id("inv", moment.at)
    return bill(subscription, dues, id_, customer=customer, tenant=tenant, moment=moment, prices=prices)


def prices_due(store: Store, subscription: Subscription, dues: Iterable[Due]) -> Prices:
    """The prices that bill these periods. Without any, nothing is read."""
    keys = price_keys(store.tenant_id, subscription)
    return prices_in(store, items_at(keys), subscription, dues) if keys else NO_PRICES


def review(store: Store, subscription_id: str) -> None:
    """Follow the calendar, pass over periods in a pause, and end a wait whose reason is gone: the next run bills it."""
    while retry_on_conflict(store, lambda fresh: _review(fresh, subscription_id)):
        pass


def _review(store: Store, subscription_id: str) -> bool:
    """Returns whether another review has to follow."""
    subscription = store.get(Subscription, subscription_id)
    tenant = tenant_of(store)
    local = store.session.now.astimezone(ZoneInfo(tenant.time_zone))
    if made := held(subscription, local.date(), store.session.moment):
        store.commit(_recorded(subscription, made), *made.periods)
        return True
    cancellation = subscription.cancellation
    if cancellation and _refund_is_due(subscription, local) and not is_due(subscription, local):
        _take_back(store, subscription, cancellation, local.date())
        return False
    attention = _without_issued(store, subscription.attention)
    may_pass = attention is not None and attention.invoice_id is None and not waits_for_retry(attention)
    if may_pass and _is_billable(store, subscription, tenant, local):
        attention = None
    after, events = _followed(subscription.model_copy(update={"attention": attention}), local.date())
    if after != subscription:
        store.commit(
            Recorded(after.model_copy(update=store.session.moment.updated), *(events or [SubscriptionUpdated()]))
        )
    return False


def _without_issued(store: Store, attention: Attention | None) -> Attention | None:
    """The reason of a wait, without a draft that was issued or deleted at the moment at which the wait began."""
    if attention is None or attention.invoice_id is None:
        return attention
    try:
        draft = store.get(InvoiceSummary, attention.invoice_id)
    except InvoiceNotFound:
        return attention.without(attention.invoice_id)
    return attention if draft.status is Status.DRAFT else attention.without(draft.id)


def _is_billable(store: Store, subscription: Subscription, tenant: Tenant, local: datetime) -> bool:
    moment = store.session.moment
    try:
        customer = store.get(Customer, subscription.customer_id)
        made = decided_bill(store, subscription, local, customer=customer, tenant=tenant, moment=moment)
        if made is not None:
            weight_of(store, draft_changes(subscription, made))
    except NOT_NOW:
        raise
    except DomainError:
        return False
    return made is not None


def weight_of(store: Store, changes: Sequence[Change]) -> Weight:
    """The weight of the changes of a bill. Refuses those that fit into no transaction of a run."""
    weight = store.weight(*changes)
    if WEIGHT_OF_A_RUN.items + weight.items > MAX_WRITES or WEIGHT_OF_A_RUN.bytes + weight.bytes > MAX_BYTES:
        raise DocumentTooLarge
    return weight


def bill_of(store: Store, subscription: Subscription, dues: tuple[Due, ...], basis: Basis) -> Bill:
    """The invoice that bills these periods."""
    moment, parties = store.session.moment, basis.parties
    prices = prices_in(store, basis.found, subscription, dues)
    id_ = new_id("inv", moment.at)
    return bill(subscription, dues, id_, customer=parties.customer, tenant=parties.tenant, moment=moment, prices=prices)


def basis_of(store: Store, subscription: Subscription) -> Basis:
    """The parties, the counter and the prices of the invoices of a subscription, usually in one read."""
    keys = [*issuing_keys(store, subscription.customer_id, "invoice"), *price_keys(store.tenant_id, subscription)]
    found = items_at(keys)
    parties: Issuing[Customer] = issuing_in(store, found, subscription.customer_id, "invoice")
    series = series_of("invoice", parties.customer.group)
    if series != "invoice":
        parties = parties_and_counter(store, subscription.customer_id, series)
    return Basis(parties, found)


def commit_bill(store: Store, before: Subscription, made: Bill, parties: Issuing[Customer]) -> SubscriptionPeriod:
    """Commit an invoice with its periods, as a draft or issued as the subscription wants. Returns the first period.

    If the invoice cannot be issued, its draft stays, and the subscription waits for a user.
    """
    draft, action = made.draft, before.action
    if draft is None or action == "draft":
        return _commit_draft(store, before, made)
    form = form_of(store, draft, parties.customer, parties.tenant)
    draft = with_mandate(store, draft, parties.counter.issued)

    def decide(number: str) -> list[Change]:
        issued = issued_invoice(draft, number, parties, form, send=action == "send", moment=store.session.moment)
        events = RecurringInvoiceCreated(), InvoiceFinalized(number=number, send=action == "send")
        paid = carried_over(store, issued, *events, waiting=before.waiting_credits)
        after = made.subscription.model_copy(update={"waiting_credits": paid.rest})
        return [*made.periods, *paid.changes, _recorded(before, made._replace(subscription=after))]

    try:
        return issue(store, SubscriptionPeriod, parties.counter, decide)
    except NotIssuable as refused:
        return _commit_draft(store, before, made, refused.error)


def _commit_draft(
    store: Store, before: Subscription, made: Bill, refusal: DomainError | None = None
) -> SubscriptionPeriod:
    """Commit the periods with the draft, if there is one, and the refusal of its issue."""
    _, *others = draft_changes(before, made)
    if refusal is not None and made.draft is not None:
        recorded = _recorded(before, made)
        parked = waiting(recorded.thing, refusal, store.session.moment, invoice_id=made.draft.id)
        others[-1] = Recorded(parked.thing, *recorded.events, *parked.events)
    period = made.periods[0]
    is_draft = made.draft is not None and period.invoice_id == made.draft.id
    status = "draft" if is_draft else period.status
    shown = period.model_copy(update={"status": status, "version": period.version + 1})
    store.commit(period, *others, response=shown)
    return shown


def draft_changes(before: Subscription, made: Bill) -> list[Change]:
    """The periods, the draft that bills them if there is one, and the subscription at last."""
    created: list[Change] = [Recorded(made.draft, RecurringInvoiceCreated())] if made.draft else []
    return [*made.periods, *created, _recorded(before, made)]


def _recorded(before: Subscription, made: Bill) -> Recorded[Subscription]:
    """The subscription with the events of its periods."""
    after, draft = made.subscription, made.draft
    named = (
        one.model_copy(update={"invoice_id": draft.id}) if draft and one.has_lines_of(draft.id) else one
        for one in made.periods
    )
    events = *period_events(named), *change_events(before, after), *status_events(before, after)
    return Recorded(after, *events)


def _refund_is_due(subscription: Subscription, local: datetime) -> bool:
    """Whether billed days after the end are to be credited now."""
    first = subscription.cancellation.refund_from if subscription.cancellation else None
    return first is not None and first <= local.date()


def _take_back(store: Store, subscription: Subscription, cancellation: Cancellation, today: date) -> None:
    """Commit the credit notes over days after the end. A refusal parks the subscription."""
    moment = store.session.moment
    try:
        taken = taken_back(store, subscription, basis_of(store, subscription).parties)
        settled = cancellation.model_copy(update={"credit_note_ids": tuple(one.id for one in taken.documents.notes)})
        waits = without_wait_for(subscription, taken.documents.discarded)
        after = with_status(waits.model_copy(update={"cancellation": settled}), today)
        recorded = Recorded(after.model_copy(update=moment.updated), SubscriptionUpdated())
        taken.commit(store, recorded + status_events(subscription, after))
    except NOT_NOW:
        raise
    except DomainError as refusal:
        for change in refused_bill(subscription, refusal, today, moment):
            store.commit(change)


def refused_bill(subscription: Subscription, error: Exception, today: date, moment: Moment) -> list[Change]:
    """The subscription with the reason why it is not billed. It stays due; a reason that is known changes nothing.

    But further errors of this service are counted.
    """
    after, events = _followed(subscription, today)
    known = subscription.attention
    if known is not None and known.code == attention_code(error) and waits_for_retry(known):
        counted = {"attention": known.model_copy(update={"attempts": known.attempts + 1}), **moment.updated}
        return [Recorded(after.model_copy(update=counted), *(events or [SubscriptionUpdated()]))]
    if known is None or known.code != attention_code(error):
        parked = waiting(after, error, moment)
        return [Recorded(parked.thing, *events, *parked.events)]
    return [Recorded(after.model_copy(update=moment.updated), *events)] if events else []


def _followed(subscription: Subscription, today: date) -> tuple[Subscription, list[Event]]:
    """The subscription with the status of a day and the changes that apply up to it, and their events."""
    after = with_status(in_force(subscription, today), today)
    return after, [*change_events(subscription, after), *status_events(subscription, after)]
