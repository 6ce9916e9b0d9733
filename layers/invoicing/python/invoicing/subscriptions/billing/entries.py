"""The lines of the invoices of a subscription: one for each item, and for each part of a period with other terms."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from invoicing.core.errors import DocumentTooLarge
from invoicing.core.model import LONGEST_TEXT
from invoicing.customers.model import Customer
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.drafts.model import MAX_LINES
from invoicing.pricing.line import Line, NewLine
from invoicing.pricing.line import Period as Days
from invoicing.pricing.share import Share
from invoicing.subscriptions.items import PLACEHOLDERS, Item, Terms
from invoicing.subscriptions.ledger import Due, PeriodItem, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.periods import Period, days_between
from invoicing.subscriptions.prices import PriceBasis, Prices, offer_for, part_lines
from invoicing.subscriptions.shares import line_of_share
from invoicing.tenants.model import Tenant

_PLACEHOLDER = re.compile(rf"\{{({'|'.join(map(re.escape, PLACEHOLDERS))})\}}")
LONGEST_NAME = 500
LONGEST_TITLE = 200


class ItemLine(NamedTuple):
    """A line of an invoice, and the quantity and days of an item in a period that it bills."""

    due: Due
    item_id: str
    terms: Terms
    share: Share
    line: NewLine
    price_id: str | None = None
    price_version: int | None = None
    """The version of the price that the line was filled in from."""
    price_part: str | None = None
    """The part of the price that it bills."""

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
            price_part=self.price_part,
        )


def price_basis_of(subscription: Subscription, customer: Customer, tenant: Tenant, prices: Prices) -> PriceBasis:
    """The prices, texts and formats of the invoices of a subscription."""
    return PriceBasis(prices, tenant, subscription.language or customer.language or tenant.language)


def entries_of(subscription: Subscription, due: Due, price_basis: PriceBasis) -> Iterator[ItemLine]:
    """The lines that bill a period: one for each item, and for each part of the period with other terms.

    An item with a price has a line for each tier.
    """
    first, words, row = subscription.first_billed_day, Wording.of(price_basis.language), _counted(due)
    for item in subscription.items:
        share = item.share_of(due.period, first) if item.track == due.track.code else None
        if share is None or (due.only is not None and item.id not in due.only):
            continue
        if item.line is None:
            yield from priced_entries(subscription, due, item, share, price_basis)
            continue
        for terms, part in _shared(due, item, share, first):
            added = row.billed_quantity(item.id, None if item.once else terms.start) if row else Decimal(0)
            if terms.quantity > added:
                yield entry_of(due, item, terms._replace(quantity=terms.quantity - added), part, words)


def _counted(due: Due) -> SubscriptionPeriod | None:
    """The period in the ledger, whose lines are not billed again. Charges that wait leave released lines to a user."""
    return due.row.with_released if due.row is not None and due.only is not None else due.row


def priced_entries(
    subscription: Subscription, due: Due, item: Item, share: Share, price_basis: PriceBasis
) -> Iterator[ItemLine]:
    """The lines that bill a share of a period at the prices of an item, without quantities on other invoices."""
    for terms, part in _shared(due, item, share, subscription.first_billed_day):
        yield from _part_entries(subscription, due, item, terms, part, price_basis)


def _part_entries(
    subscription: Subscription, due: Due, item: Item, terms: Terms, share: Share, price_basis: PriceBasis
) -> Iterator[ItemLine]:
    """The lines that bill terms of an item with a price."""
    offer = offer_for(subscription, item, terms, due.period, due.row, price_basis)
    row, start, end = _counted(due), terms.start, terms.end
    facts: dict[str, Any] = {"currency": subscription.currency, "language": price_basis.language}
    whole = {one.part: one.line for one in part_lines(offer, terms.quantity, Share(1, 1), **facts)}
    for line, quantity, part in part_lines(offer, terms.quantity, share, **facts):
        day = None if item.once else start
        added = row.billed_quantity(item.id, day, (offer.price.id, part)) if row else Decimal(0)
        if quantity <= added:
            continue
        billed = line.model_copy(update={"period": Days(start=start, end=end)})
        if added:
            quantity -= added
            named = partial(name_of_share, Wording.of(price_basis.language))
            billed = line_of_share(whole[part], quantity, share, (start, end), named)
        of_price = offer.price.id, offer.version.number, part
        yield ItemLine(due, item.id, Terms(billed, quantity, start, end), share, billed, *of_price)


def _shared(due: Due, item: Item, share: Share, first: date) -> Iterator[tuple[Terms, Share]]:
    """The terms of each part of the days that a share bills, and their share.

    An item that is billed once has its last terms.
    """
    begins, end = item.days_in(due.period, first)
    start = max(begins, due.since or begins)
    if end < start or (item.once and begins < start):
        return
    *earlier, last = item.terms_in(start, end)
    if item.once:
        yield last._replace(start=start), share
        return
    for terms in (part for one in (*earlier, last) for part in _parts_of(due, item, one)):
        yield terms, Share(days_between(terms.start, terms.end), share.of)


def _parts_of(due: Due, item: Item, terms: Terms) -> Iterator[Terms]:
    """The terms for each part of their days of which other invoices bill the same quantities.

    Lines can begin or end between two changes: at the end of the subscription, if it was revoked later.
    """
    row = _counted(due)
    if row is None:
        yield terms
        return
    for start, end in row.parts_of(item.id, terms.start, terms.end):
        yield terms._replace(start=start, end=end)


def entry_of(due: Due, item: Item, terms: Terms, share: Share, words: Wording) -> ItemLine:
    """The line that bills a share of a period of an item."""
    named = _with_texts(terms.stated_line, due.period, terms.quantity, words)
    days = terms.start, terms.end
    line = line_of_share(named, terms.quantity, share, days, lambda *of: name_of_share(words, *of))
    return ItemLine(due, item.id, terms, share, line)


def require_room_for(lines: Sequence[object]) -> None:
    """Refuse more lines than a document can have."""
    if len(lines) > MAX_LINES:
        raise DocumentTooLarge(f"An invoice can have at most {MAX_LINES} lines.", pointer="/items")


def name_of_share(words: Wording, name: str, share: Share, quantity: Decimal) -> str:
    """The name of a line that bills a share, such as "Seat, 5 ×, 16 of 31 days"."""
    part = part_of(words, share, quantity)
    return f"{name[: LONGEST_NAME - len(part) - 2]}, {part}"


def part_of(words: Wording, share: Share, quantity: Decimal) -> str:
    """The quantity and the days of a share as its line names them."""
    return words.label("share", quantity=words.quantity(quantity), days=str(share.days), of=str(share.of))


def _with_texts(line: NewLine, period: Period, quantity: Decimal, words: Wording) -> NewLine:
    name = filled(line.name, LONGEST_NAME, period, words, quantity)
    description = filled(line.description, LONGEST_TEXT, period, words, quantity)
    return line.model_copy(update={"name": name, "description": description})


def filled(
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
