"""The invoice that bills periods of a subscription. The same function bills, previews and answers dry runs."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from invoicing.core.currency import divide, exponent, from_minor
from invoicing.core.identity import Moment
from invoicing.customers.model import Customer
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.fields import BilledPeriod
from invoicing.invoices.model import Invoice
from invoicing.pricing.line import Line, NewLine
from invoicing.pricing.share import Share
from invoicing.subscriptions.changing.applying import in_force, in_force_for
from invoicing.subscriptions.items import Item, Terms
from invoicing.subscriptions.ledger import PeriodItem, PlannedInvoice, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.periods import Period, days_between
from invoicing.subscriptions.prices import NO_PRICES, Prices, offer_for, part_lines
from invoicing.subscriptions.schedule import (
    Due,
    billed_through,
    held_before,
    held_dues,
    next_dues,
    scheduled,
    with_status,
)
from invoicing.subscriptions.shares import line_of_share
from invoicing.tenants.model import Tenant

_PLACEHOLDER = re.compile(r"\{(period\.start|period\.end|period\.month|period\.year|quantity)\}")
_LONGEST_NAME = 200
_LONGEST_TEXT = 5_000


class Bill(NamedTuple):
    """An invoice of a subscription, and the changes that are committed with it."""

    draft: Invoice | None
    """None if there is nothing to bill for the periods."""
    periods: tuple[SubscriptionPeriod, ...]
    subscription: Subscription


class Entry(NamedTuple):
    """A line of an invoice, and the quantity and days of an item in a period that it bills."""

    due: Due
    item_id: str
    terms: Terms
    share: Share
    line: NewLine
    price_id: str | None = None
    price_version: int | None = None
    """The version of the price that the line was filled in from."""

    def billed_by(self, line: Line, invoice_id: str | None) -> PeriodItem:
        """The item in the ledger. `invoice_id` is that of an invoice other than that of the period."""
        return PeriodItem(
            item_id=self.item_id,
            line_id=line.id,
            quantity=self.terms.quantity,
            days=self.share.days,
            of=self.share.of,
            net=line.net,
            total=line.total,
            invoice_id=invoice_id,
            start=self.terms.start,
            end=self.terms.end,
            price_id=self.price_id,
            price_version=self.price_version,
        )


class _Catalogue(NamedTuple):
    """The prices of items, with the tenant's tax and the language of the document."""

    prices: Prices
    tenant: Tenant
    language: str


def bill(  # noqa: PLR0913 — the content of an invoice, and its parties
    subscription: Subscription,
    dues: tuple[Due, ...],
    id_: str,
    *,
    charges: tuple[Entry, ...] = (),
    customer: Customer,
    tenant: Tenant,
    moment: Moment,
    prices: Prices = NO_PRICES,
) -> Bill:
    """The draft that bills these periods, their rows in the ledger, and the subscription afterwards.

    `charges` are further lines, which a change adds to periods that are billed already. `prices` has the prices of its
    items; one that is missing or can no longer be used is refused.
    """
    words = words_of(subscription, customer, tenant)
    catalogue = _Catalogue(prices, tenant, subscription.language or customer.language or tenant.language)
    if dues:
        billed_until = max(due.period.end for due in dues)
        subscription = in_force_for(subscription, {due.track.code for due in dues}, billed_until)
    entries = [*(one for due in dues for one in _entries(subscription, due, words, catalogue)), *charges]
    draft: Invoice | None = None
    if entries:
        named = {due.id: due.period for due in (*dues, *(one.due for one in entries))}
        terms = subscription if dues else _without_spent_discount(subscription)
        content = _content(terms, named.values(), entries, words, customer)
        draft = Invoice.draft(id_, content, customer=customer, tenant=tenant, moment=moment, origin="subscription")
        of_periods = tuple(BilledPeriod(subscription_id=subscription.id, period=period_id) for period_id in named)
        billing = {"subscription_ids": (subscription.id,), "subscription_periods": of_periods}
        draft = draft.model_copy(update=billing)
    billed = [] if draft is None else list(zip(entries, draft.lines, strict=True))
    periods = []
    for due in dues:
        items = tuple(entry.billed_by(line, None) for entry, line in billed if entry.due is due)
        row = _row(subscription, due, moment)
        periods.append(row.billed(draft.id if draft and items else None, (*row.added, *items), moment))
    held = [_row(subscription, one, moment).paused(moment) for due in dues for one in held_before(subscription, due)]
    after = _after(_at_versions(subscription, entries), dues, draft, tenant.today(moment.at))
    return Bill(draft, (*periods, *held), after)


def words_of(subscription: Subscription, customer: Customer, tenant: Tenant) -> Wording:
    """The texts and formats of the invoices of a subscription."""
    return Wording.of(subscription.language or customer.language or tenant.language)


def planned(
    subscription: Subscription, count: int, until: date | None, ids: Iterator[str], *, moment: Moment, **parties: Any
) -> Iterator[PlannedInvoice]:
    """The next invoices in order, at most `count` and up to a date of billing."""
    for _ in range(count):
        subscription = _in_force_at_next(subscription)
        dues = next_dues(subscription)
        if not dues or (until is not None and dues[0].bill_on > until):
            return
        made = bill(subscription, dues, next(ids), moment=billed_at(subscription, dues, moment), **parties)
        periods = tuple(one for one in made.periods if one.status != "paused")
        yield PlannedInvoice(bill_on=dues[0].bill_on, periods=periods, invoice=made.draft)
        subscription = made.subscription


def _in_force_at_next(subscription: Subscription) -> Subscription:
    """The subscription with the changes in force that apply before it is billed next."""
    while subscription.next_change_on and subscription.next_change_on <= (subscription.next_bill_on or date.max):
        subscription = in_force(subscription, subscription.next_change_on)
    return subscription


def billed_at(subscription: Subscription, dues: tuple[Due, ...], moment: Moment) -> Moment:
    """When the service bills periods: on their date from the hour of the subscription on, else now."""
    zone = ZoneInfo(moment.time_zone or "UTC")
    due = datetime.combine(dues[0].bill_on, time(subscription.hour), zone)
    return moment._replace(at=max(moment.at, due.astimezone(moment.at.tzinfo)))


def skip(subscription: Subscription, due: Due, *, today: date, moment: Moment) -> Bill:
    """The ledger and the subscription after a period was skipped."""
    row = _row(subscription, due, moment).skipped(moment)
    held = [_row(subscription, one, moment).paused(moment) for one in held_before(subscription, due)]
    return Bill(None, (row, *held), _after(subscription, (due,), None, today))


def held(subscription: Subscription, today: date, moment: Moment) -> Bill | None:
    """The ledger and the subscription after periods in its pause were recorded; None if there are none to record."""
    dues = held_dues(subscription, today)
    if not dues:
        return None
    rows = tuple(_row(subscription, one, moment).paused(moment) for one in dues)
    return Bill(None, rows, _after(subscription, dues, None, today))


def _row(subscription: Subscription, due: Due, moment: Moment) -> SubscriptionPeriod:
    """The period in the ledger. The last one of a track ends where it is billed, and the next period follows."""
    if due.row is not None:
        return due.row.model_copy(update={"end": due.period.end}) if due.is_last else due.row
    return SubscriptionPeriod(
        id=due.id,
        subscription_id=subscription.id,
        status="billed",
        interval=due.track.interval,
        timing=due.track.timing,
        start=due.period.start,
        end=due.period.end,
        bill_on=due.bill_on,
        created_at=moment.at,
        updated_at=moment.at,
    )


def _entries(subscription: Subscription, due: Due, words: Wording, catalogue: _Catalogue) -> Iterator[Entry]:
    """The lines that bill a period: one for each item, and for each part of the period with other terms.

    An item with a price has a line for each tier.
    """
    first = subscription.first_billed_day
    for item in subscription.items:
        share = item.share_of(due.period, first) if item.track == due.track.code else None
        if share is None:
            continue
        if item.line is None:
            yield from _priced_entries(subscription, due, item, share, catalogue)
            continue
        start, end = item.days_in(due.period, first)
        *earlier, last = item.terms_in(start, end)
        if share.days == days_between(start, end):
            for terms in (*earlier, last):
                added = due.row.added_quantity(item.id, terms.start) if due.row else Decimal(0)
                part = Share(days_between(terms.start, terms.end), share.of)
                if terms.quantity > added:
                    yield entry_of(due, item, terms._replace(quantity=terms.quantity - added), part, words)
        else:
            # A full price for a part of a period is that of its last day, on which other invoices bill some of it.
            added = due.row.added_quantity(item.id, end) if due.row else Decimal(0)
            if last.quantity > added:
                terms = last._replace(start=start, quantity=last.quantity - added)
                yield entry_of(due, item, terms, share, words)


def _priced_entries(
    subscription: Subscription, due: Due, item: Item, share: Share, catalogue: _Catalogue
) -> Iterator[Entry]:
    """The lines that bill a share of a period at the price of an item."""
    offer = offer_for(subscription, item, due.period, due.row, catalogue.prices, catalogue.tenant)
    start, end = item.days_in(due.period, subscription.first_billed_day)
    terms = {"currency": subscription.currency, "language": catalogue.language}
    for line, quantity in part_lines(offer, item, share=share, days=(start, end), **terms):
        yield Entry(due, item.id, Terms(line, quantity, start, end), share, line, item.price_id, offer.version.number)


def _at_versions(subscription: Subscription, entries: list[Entry]) -> Subscription:
    """The subscription whose items have the versions that billed them. Released periods do not count."""
    newer = {one.item_id: one.price_version for one in entries if one.due.row is None and one.price_version is not None}
    if not newer:
        return subscription
    items = tuple(
        item.model_copy(update={"price_version": newer.get(item.id, item.price_version)}) for item in subscription.items
    )
    return subscription.model_copy(update={"items": items})


def entry_of(due: Due, item: Item, terms: Terms, share: Share, words: Wording) -> Entry:
    """The line that bills a share of a period of an item."""
    filled = _with_texts(terms.line, due.period, terms.quantity, words)
    days = terms.start, terms.end
    line = line_of_share(filled, terms.quantity, share, days, lambda *named: name_of_share(words, *named))
    return Entry(due, item.id, terms, share, line)


def name_of_share(words: Wording, name: str, share: Share, quantity: Decimal) -> str:
    """The name of a line that bills a share, such as "Seat, 5 ×, 16 of 31 days"."""
    part = part_of(words, share, quantity)
    return f"{name[: _LONGEST_NAME - len(part) - 2]}, {part}"


def part_of(words: Wording, share: Share, quantity: Decimal) -> str:
    """The quantity and the days of a share as its line names them."""
    return words.label("share", quantity=words.quantity(quantity), days=str(share.days), of=str(share.of))


def _with_texts(line: NewLine, period: Period, quantity: Decimal, words: Wording) -> NewLine:
    name = _filled(line.name, _LONGEST_NAME, period, words, quantity)
    description = _filled(line.description, _LONGEST_TEXT, period, words, quantity)
    return line.model_copy(update={"name": name, "description": description})


def _filled(
    text: str | None, longest: int, period: Period, words: Wording, quantity: Decimal | None = None
) -> str | None:
    """A text with the facts of the billed period in place of its placeholders, cut to the length of its field.

    A text that is empty then is left out.
    """
    if text is None or "{" not in text:
        return text
    values = {
        "period.start": lambda: words.date(period.start),
        "period.end": lambda: words.date(period.end),
        "period.month": lambda: words.month(period.start),
        "period.year": lambda: str(period.start.year),
        "quantity": lambda: words.quantity(quantity) if quantity is not None else "",
    }
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)](), text)[:longest].strip() or None


def _without_spent_discount(subscription: Subscription) -> Subscription:
    """The subscription for lines of a period that is billed already: a discount of an amount is granted once."""
    discount = subscription.discount
    is_spent = discount is not None and discount.percent is None
    return subscription.model_copy(update={"discount": None}) if is_spent else subscription


def _content(
    subscription: Subscription, periods: Iterable[Period], entries: list[Entry], words: Wording, customer: Customer
) -> NewInvoice:
    # With periods in advance and in arrears on one invoice, its texts name the later one.
    latest = max(periods, key=lambda one: one.start)
    texts: dict[str, Any] = {
        name: _filled(text, _LONGEST_NAME if name == "title" else _LONGEST_TEXT, latest, words)
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
    # A released period was counted with its first invoice.
    counts = draft is not None and any(due.row is None or due.row.status != "released" for due in dues)
    done, attention = subscription.occurrences.done + counts, subscription.attention
    facts: dict[str, Any] = {
        "occurrences": subscription.occurrences.model_copy(update={"done": done}),
        "attention": attention if attention and attention.invoice_id else None,
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
