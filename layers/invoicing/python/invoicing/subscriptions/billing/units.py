"""The billing of one subscription: each invoice with its periods and its number in a transaction of its own."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from invoicing.core.errors import DomainError
from invoicing.core.event import Change, Event, Recorded
from invoicing.core.ids import new_id
from invoicing.customers.model import Customer
from invoicing.document_forms.workflow import form_of
from invoicing.invoices.events import InvoiceFinalized, RecurringInvoiceCreated
from invoicing.issuing.workflow import Issuing, issue, issuing_in, issuing_keys, parties_and_counter
from invoicing.numbering.errors import SeriesBusy
from invoicing.numbering.model import series_of
from invoicing.outbox.deferring import NOT_NOW
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_at
from invoicing.store.retry import LOST_RACES, retry_on_conflict
from invoicing.store.store import Store
from invoicing.subscriptions.billing.bills import Bill, bill, held
from invoicing.subscriptions.billing.issuing import NotIssuable, explanation, issued_invoice
from invoicing.subscriptions.billing.pricing import price_keys, prices_in
from invoicing.subscriptions.changing.applying import in_force
from invoicing.subscriptions.changing.ending import taken_back
from invoicing.subscriptions.errors import TooManyPeriods, TotalTooHigh
from invoicing.subscriptions.events import (
    PeriodsBilled,
    PeriodsSkipped,
    SubscriptionAttention,
    SubscriptionUpdated,
    change_events,
    status_events,
)
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Attention, Subscription
from invoicing.subscriptions.schedule import MOST_OPEN_PERIODS, Due, dues_at, past_count, with_status

_MOST_TIMES_THE_MEAN: Final = 10
_NEVER_TOO_HIGH: Final = Decimal(1000)
_UNDECIDED: Final[tuple[type[Exception], ...]] = (*LOST_RACES, *NOT_NOW, SeriesBusy)
"""Failures that are no refusal of the invoice: the attempt is repeated."""


class Basis(NamedTuple):
    """The facts to bill a subscription: the parties with the counter, and stored prices among other items."""

    parties: Issuing[Customer]
    found: Mapping[Key, Item]


def bill_due(store: Store, subscription_id: str) -> None:
    """Bill all that is due of a subscription, oldest first. Repeated, it finds nothing left and writes nothing."""
    while retry_on_conflict(store, lambda fresh: _bill_next(fresh, subscription_id)):
        pass


def _bill_next(store: Store, subscription_id: str) -> bool:
    """Bill the periods that are due first. Returns whether more are due: then all is read and decided again."""
    subscription = store.get(Subscription, subscription_id)
    basis = basis_of(store, subscription)
    parties = basis.parties
    local = store.session.now.astimezone(ZoneInfo(parties.tenant.time_zone))
    if made := held(subscription, local.date(), store.session.moment):
        store.commit(_recorded(subscription, made), *made.periods)
        return True
    dues = dues_at(subscription, local)
    try:
        if not dues:
            _take_back(store, subscription, parties, local)
            return False
        made = _decide(store, subscription, dues, basis, local)
        if made is None:
            _follow_calendar(store, subscription, local)
            return False
        commit_bill(store, subscription, made, parties)
    except _UNDECIDED:
        raise
    except DomainError as error:
        _park(store, subscription, error, local)
        return False
    return bool(dues_at(made.subscription, local)) or _refund_is_due(made.subscription, local)


def _decide(
    store: Store, subscription: Subscription, dues: tuple[Due, ...], basis: Basis, local: datetime
) -> Bill | None:
    """The invoice that the clock bills. None while a draft that could not be issued waits for a user.

    Refuses more than a mistake or an outage should bill without a user.
    """
    if subscription.attention and subscription.attention.invoice_id:
        return None
    if past_count(subscription, local.date()) > MOST_OPEN_PERIODS:
        raise TooManyPeriods
    made = bill_of(store, subscription, dues, basis)
    mean = subscription.mean_total
    if made.draft and mean is not None and made.draft.total > max(mean * _MOST_TIMES_THE_MEAN, _NEVER_TOO_HIGH):
        raise TotalTooHigh
    return made


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

    def decide(number: str) -> list[Change]:
        issued = issued_invoice(draft, number, parties, form, send=action == "send", moment=store.session.moment)
        events = RecurringInvoiceCreated(), InvoiceFinalized(number=number, send=action == "send")
        return [*made.periods, Recorded(issued, *events), _recorded(before, made)]

    try:
        return issue(store, SubscriptionPeriod, parties.counter, decide)
    except NotIssuable as refused:
        return _commit_draft(store, before, made, refused.error)


def _commit_draft(
    store: Store, before: Subscription, made: Bill, refusal: DomainError | None = None
) -> SubscriptionPeriod:
    """Commit the periods with the draft, if there is one, and the refusal of its issue."""
    created: list[Change] = [Recorded(made.draft, RecurringInvoiceCreated())] if made.draft else []
    recorded = _recorded(before, made)
    if refusal is not None and made.draft is not None:
        waiting = _waiting(store, made.subscription, refusal, made.draft.id)
        recorded = Recorded(waiting, *recorded.events, _noticed(waiting))
    first, *others = made.periods
    status = "draft" if first.invoice_id else first.status
    shown = first.model_copy(update={"status": status, "version": first.version + 1})
    store.commit(first, *others, *created, recorded, response=shown)
    return shown


def _recorded(before: Subscription, made: Bill) -> Recorded[Subscription]:
    """The subscription with the events of its periods. Those with nothing to bill are skipped."""
    billed = tuple(one.id for one in made.periods if one.invoice_id)
    skipped = tuple(one.id for one in made.periods if not one.invoice_id)
    events: list[Event] = [PeriodsBilled(periods=billed, invoice_id=made.draft.id)] if made.draft else []
    events += [PeriodsSkipped(periods=skipped)] if skipped else []
    events += change_events(before, made.subscription)
    return Recorded(made.subscription, *events, *status_events(before, made.subscription))


def _follow_calendar(store: Store, subscription: Subscription, local: datetime) -> None:
    """Commit the status of the day, and the changes that apply from it on. A trial that begins is an update."""
    after = with_status(in_force(subscription, local.date()), local.date())
    if after != subscription:
        events = [*change_events(subscription, after), *status_events(subscription, after)] or [SubscriptionUpdated()]
        store.commit(Recorded(after.model_copy(update=store.session.moment.updated), *events))


def _refund_is_due(subscription: Subscription, local: datetime) -> bool:
    """Whether billed days after the end are to be credited now."""
    first = subscription.cancellation.refund_from if subscription.cancellation else None
    return first is not None and first <= local.date()


def _take_back(store: Store, subscription: Subscription, parties: Issuing[Customer], local: datetime) -> None:
    """Commit the credit notes over days after the end, if they are due, and else the status of the day."""
    cancellation = subscription.cancellation
    if cancellation is None or not _refund_is_due(subscription, local):
        _follow_calendar(store, subscription, local)
        return
    taken = taken_back(store, subscription, parties)
    settled = cancellation.model_copy(update={"credit_note_ids": tuple(one.id for one in taken.documents.notes)})
    after = with_status(subscription.model_copy(update={"cancellation": settled}), local.date())
    recorded = Recorded(after.model_copy(update=store.session.moment.updated), SubscriptionUpdated())
    taken.commit(store, recorded + status_events(subscription, after))


def _park(store: Store, subscription: Subscription, error: DomainError, local: datetime) -> None:
    """Commit why a subscription is not billed. It stays due; while the reason is the same, nothing is written again."""
    known = subscription.attention
    if known is not None and known.code == error.code:
        _follow_calendar(store, subscription, local)
        return
    waiting = _waiting(store, with_status(subscription, local.date()), error, None)
    store.commit(Recorded(waiting, *status_events(subscription, waiting), _noticed(waiting)))


def _waiting(store: Store, subscription: Subscription, error: DomainError, invoice_id: str | None) -> Subscription:
    moment = store.session.moment
    attention = Attention(code=error.code, detail=explanation(error), since=moment.at, invoice_id=invoice_id)
    return subscription.model_copy(update={"attention": attention, **moment.updated})


def _noticed(subscription: Subscription) -> SubscriptionAttention:
    if subscription.attention is None:
        raise AssertionError("the reason is known here")
    return SubscriptionAttention(code=subscription.attention.code, invoice_id=subscription.attention.invoice_id)
