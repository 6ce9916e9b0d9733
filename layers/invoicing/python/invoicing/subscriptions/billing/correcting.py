"""The lines that a correction has for the lines of its invoice that changes credited in part."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import localcontext
from itertools import pairwise
from typing import NamedTuple

from invoicing.core.currency import require_readable
from invoicing.documents.texts.wording import Wording
from invoicing.invoices.model import Invoice
from invoicing.pricing.line import Line, NewLine
from invoicing.pricing.line import Period as Days
from invoicing.pricing.share import Share
from invoicing.store.store import Store
from invoicing.subscriptions.billing.entries import name_of_share, part_of
from invoicing.subscriptions.ledger import PeriodItem, SubscriptionPeriod
from invoicing.subscriptions.periods import days_between
from invoicing.subscriptions.shares import DAY
from invoicing.subscriptions.workflow import periods_at

_DAY = timedelta(days=1)


class Rest(NamedTuple):
    """A line for a quantity that changes left of a line, and its place in the ledger without its amounts."""

    line: NewLine
    item: PeriodItem


def rests_of(store: Store, invoice: Invoice) -> dict[str, tuple[Rest, ...]]:
    """The quantities that changes left of lines of an invoice, by the ids of the lines that they decreased.

    A correction bills these, because the credit notes of the changes stay.
    """
    if not invoice.subscription_periods:
        return {}
    words = Wording.of(invoice.language)
    lines = {one.id: one for one in invoice.lines}
    return {
        one.line_id: tuple(_rests(row, one, lines[one.line_id], words))
        for row in periods_at(store, invoice.subscription_periods)
        for one in row.items
        if one.reductions and one.line_id in lines
    }


def _rests(row: SubscriptionPeriod, item: PeriodItem, line: Line, words: Wording) -> Iterator[Rest]:
    start, end = item.start or row.start, item.end or row.end
    is_whole = item.days == item.of
    of = days_between(start, end) if is_whole else item.of
    starts = [start, *(min(one.start, end + _DAY) for one in item.reductions), end + _DAY]
    quantities = [item.quantity, *(one.quantity for one in item.reductions)]
    for quantity, (first, following) in zip(quantities, pairwise(starts), strict=True):
        days = (following - first).days
        if quantity and days > 0:
            rest = item.model_copy(
                update={
                    "quantity": quantity,
                    "days": days,
                    "of": of,
                    "start": first,
                    "end": following - _DAY,
                    "reductions": (),
                    "taken_back": None,
                }
            )
            yield Rest(_line(line, item, rest, words), rest)


def _line(line: Line, item: PeriodItem, rest: PeriodItem, words: Wording) -> NewLine:
    """The line for a part of the days of another one, at the same price of a full period."""
    with localcontext(prec=60):
        base = line.price_base_quantity * (rest.of if item.days == item.of else 1)
        quantity, counted = rest.quantity * rest.days, item.quantity * (1 if item.days == item.of else item.days)
        if line.quantity != counted:
            # A user changed the quantity of the draft, so its amount is the price of the item's quantity.
            quantity, base = quantity * line.quantity, base * counted
    name = line.name.removesuffix(f", {part_of(words, Share(item.days, item.of), item.quantity)}")
    stated = {
        "name": name_of_share(words, name, Share(rest.days, rest.of), rest.quantity),
        "unit": DAY,
        "quantity": require_readable(quantity, pointer=""),
        "price_base_quantity": require_readable(base, pointer=""),
        "period": Days(start=rest.start, end=rest.end),
    }
    return line.as_new().model_copy(update=stated)
