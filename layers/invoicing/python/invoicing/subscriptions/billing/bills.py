"""The invoice that bills periods of a subscription. The same function bills, previews and answers dry runs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from invoicing.core.currency import divide, exponent, from_minor
from invoicing.core.identity import Moment
from invoicing.core.model import LONGEST_TEXT
from invoicing.customers.model import Customer
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.fields import BilledPeriod
from invoicing.invoices.model import Invoice
from invoicing.subscriptions.billing.entries import (
    LONGEST_TITLE,
    ItemLine,
    entries_of,
    filled,
    price_basis_of,
    require_room_for,
)
from invoicing.subscriptions.billing.waiting import waiting_dues, without_waiting
from invoicing.subscriptions.changing.applying import in_force_at_next, in_force_for
from invoicing.subscriptions.items import Item
from invoicing.subscriptions.ledger import Due, PlannedInvoice, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.periods import Period
from invoicing.subscriptions.prices import NO_PRICES, Prices
from invoicing.subscriptions.schedule import (
    MOST_NOT_CAUGHT_UP,
    billed_through,
    dues_not_caught_up,
    held_before,
    held_dues,
    next_dues,
    scheduled,
    with_status,
)
from invoicing.tenants.model import Tenant

_DAY = timedelta(days=1)


class Bill(NamedTuple):
    """An invoice of a subscription, and the changes that are committed with it."""

    draft: Invoice | None
    """None if there is nothing to bill for the periods."""
    periods: tuple[SubscriptionPeriod, ...]
    subscription: Subscription


def bill(  # noqa: PLR0913 — the content of an invoice, and its parties
    subscription: Subscription,
    dues: tuple[Due, ...],
    id_: str,
    *,
    charges: tuple[ItemLine, ...] = (),
    customer: Customer,
    tenant: Tenant,
    moment: Moment,
    prices: Prices = NO_PRICES,
) -> Bill:
    """The draft that bills these periods, their rows in the ledger, and the subscription afterwards.

    `charges` are further lines, which a change adds to periods that are billed already. `prices` has the prices of its
    items; one that is missing or can no longer be used is refused.
    """
    price_basis = price_basis_of(subscription, customer, tenant, prices)
    if dues:
        billed_until = max(due.period.end for due in dues)
        subscription = in_force_for(subscription, {due.track.code for due in dues}, billed_until)
    paused = [one for due in dues for one in held_before(subscription, due)]
    subscription = _postponed(subscription, paused)
    entries = [*(one for due in dues for one in entries_of(subscription, due, price_basis)), *charges]
    require_room_for(entries)
    draft: Invoice | None = None
    if entries:
        billing = (due for due in dues if due.only is None)
        named = {due.id: due.period for due in (*billing, *(one.due for one in entries))}
        is_first = any(not due.is_billed for due in dues)
        terms = subscription if is_first else _without_spent_discount(subscription)
        content = _content(terms, named.values(), entries, Wording.of(price_basis.language), customer)
        draft = Invoice.draft(id_, content, customer=customer, tenant=tenant, moment=moment, origin="subscription")
        of_periods = tuple(BilledPeriod(subscription_id=subscription.id, period=period_id) for period_id in named)
        facts = {"subscription_ids": (subscription.id,), "subscription_periods": of_periods}
        draft = draft.model_copy(update=facts)
    billed = [] if draft is None else list(zip(entries, draft.lines, strict=True))
    periods = []
    for due in dues:
        invoice_id = draft.id if draft and due.is_billed else None
        items = tuple(entry.billed_by(line, invoice_id) for entry, line in billed if entry.due is due)
        row = _row(subscription, due, moment)
        if due.is_billed:
            periods.append(row.completed(items, moment) if due.only is None else row.with_more(items, moment))
            continue
        periods.append(row.billed(draft.id if draft and items else None, (*row.added, *items), moment))
    held = [_row(subscription, one, moment).paused(moment) for one in paused]
    settled = without_waiting(_at_versions(subscription, entries), dues)
    after = _after(settled, dues, draft, tenant.today(moment.at))
    return Bill(draft, (*periods, *held), after)


def planned(
    subscription: Subscription,
    count: int,
    until: date | None,
    ids: Iterator[str],
    *,
    waiting: Sequence[SubscriptionPeriod] = (),
    moment: Moment,
    **parties: Any,
) -> Iterator[PlannedInvoice]:
    """The next invoices in order, at most `count` and up to a date of billing.

    `waiting` are the periods with charges that wait for the first one.
    """
    for _ in range(count):
        subscription = in_force_at_next(subscription)
        bill_on = subscription.next_bill_on
        if bill_on is None or (until is not None and bill_on > until):
            return
        dues = (*next_dues(subscription), *waiting_dues(subscription, waiting))
        made = bill(subscription, dues, next(ids), moment=billed_at(subscription, moment), **parties)
        periods = tuple(one for one in made.periods if one.status != "paused")
        yield PlannedInvoice(bill_on=bill_on, periods=periods, invoice=made.draft)
        subscription = made.subscription


def billed_at(subscription: Subscription, moment: Moment) -> Moment:
    """When the service bills next: on the date from the hour of the subscription on, else now."""
    zone = ZoneInfo(moment.time_zone or "UTC")
    due = datetime.combine(subscription.next_bill_on or date.min, time(subscription.hour), zone)
    return moment._replace(at=max(moment.at, due.astimezone(moment.at.tzinfo)))


def skip(subscription: Subscription, due: Due, *, today: date, moment: Moment) -> Bill:
    """The ledger and the subscription after a period was skipped."""
    row = _row(subscription, due, moment)
    row = row.completed((), moment) if due.is_billed else row.skipped(moment)
    subscription = without_waiting(subscription, [due], alone=False)
    paused = held_before(subscription, due)
    held = [_row(subscription, one, moment).paused(moment) for one in paused]
    return Bill(None, (row, *held), _after(_postponed(subscription, paused), (due,), None, today))


def not_caught_up(subscription: Subscription, moment: Moment) -> list[SubscriptionPeriod]:
    """The rows of past periods that a new subscription does not bill, the latest ones, so that a client sees them."""
    return [
        _row(subscription, due, moment).skipped(moment)
        for due in dues_not_caught_up(subscription)[-MOST_NOT_CAUGHT_UP:]
    ]


def held(subscription: Subscription, today: date, moment: Moment) -> Bill | None:
    """The ledger and the subscription after periods in its pause were recorded; None if there are none to record."""
    dues = held_dues(subscription, today)
    if not dues:
        return None
    rows = tuple(_row(subscription, one, moment).paused(moment) for one in dues)
    return Bill(None, rows, _after(_postponed(subscription, dues), dues, None, today))


def _postponed(subscription: Subscription, paused: Iterable[Due]) -> Subscription:
    """The subscription after periods in a pause: items that they would bill once are billed with the next period."""
    first, items = subscription.first_billed_day, subscription.items
    for due in paused:
        start, end, day = due.period.start, due.period.end, due.period.end + _DAY
        items = tuple(
            one.model_copy(update={"start_date": day, "end_date": one.end_date and max(one.end_date, day)})
            if one.once and one.track == due.track.code and start <= one.first_day(first) <= end
            else one
            for one in items
        )
    return subscription.model_copy(update={"items": items})


def _row(subscription: Subscription, due: Due, moment: Moment) -> SubscriptionPeriod:
    """The period in the ledger. The last one of a track ends where it is billed, and the next period follows."""
    if due.row is not None:
        return due.row.model_copy(update={"end": due.period.end}) if due.is_last else due.row
    return due.begun(subscription.id, moment)


def _at_versions(subscription: Subscription, entries: list[ItemLine]) -> Subscription:
    """The subscription whose items have the versions that billed them. Released periods do not count."""
    newer = {
        one.item_id: (one.price_version, one.terms.start)
        for one in entries
        if one.due.row is None and one.price_version is not None
    }

    def billed(item: Item) -> Item:
        version, day = newer.get(item.id, (None, date.min))
        return item.model_copy(update={"price_version": version}) if version and item.has_terms_of(day) else item

    return subscription.model_copy(update={"items": tuple(map(billed, subscription.items))})


def _without_spent_discount(subscription: Subscription) -> Subscription:
    """The subscription for lines of a period that is billed already: a discount of an amount is granted once."""
    discount = subscription.discount
    is_spent = discount is not None and discount.percent is None
    return subscription.model_copy(update={"discount": None}) if is_spent else subscription


def _content(
    subscription: Subscription, periods: Iterable[Period], entries: list[ItemLine], words: Wording, customer: Customer
) -> NewInvoice:
    # With periods in advance and in arrears on one invoice, its texts name the later one.
    latest = max(periods, key=lambda one: one.start)
    texts: dict[str, Any] = {
        name: filled(text, LONGEST_TITLE if name == "title" else LONGEST_TEXT, latest, words)
        for name, text in subscription.texts
    }
    return NewInvoice(
        **texts,
        customer_id=customer.id,
        currency=subscription.currency,
        language=subscription.language,
        price_tax_inclusive=subscription.price_tax_inclusive,
        discount=subscription.discount,
        purchase_order_id=subscription.purchase_order_id,
        payment_terms=subscription.payment_terms,
        payment_method=subscription.payment_method,
        lines=tuple(one.line for one in entries),
    )


def _after(subscription: Subscription, dues: tuple[Due, ...], draft: Invoice | None, today: date) -> Subscription:
    """The subscription after periods were billed. It waits for a user only if an earlier draft could not be issued."""
    new = {due.track.code: due.period.end for due in dues if due.row is None or due.is_last}
    counts = draft is not None and any(due.row is None or not (due.is_billed or due.row.counts_already) for due in dues)
    done = subscription.occurrences.done + counts
    facts: dict[str, Any] = {
        "occurrences": subscription.occurrences.model_copy(update={"done": done}),
        "attention": subscription.attention if subscription.has_unissued_draft else None,
    }
    if draft is not None and counts:
        facts["mean_total"] = _mean(subscription, draft, done)
    after = subscription.model_copy(update=facts)
    return with_status(billed_through(after, new) if new else scheduled(after), today)


def _mean(subscription: Subscription, draft: Invoice, done: int) -> Decimal:
    """The average total of its invoices, rounded to the currency."""
    before = (subscription.mean_total or Decimal(0)) * (done - 1)
    minor = int((before + draft.total).scaleb(exponent(draft.currency)))
    return from_minor(divide(minor, done), draft.currency)
