"""The charges for days after an end that was revoked, or replaced by a later one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from invoicing.core.identity import Moment
from invoicing.subscriptions.billing.entries import entries_of
from invoicing.subscriptions.changing.ledger import gaps
from invoicing.subscriptions.changing.model import ChangedItem
from invoicing.subscriptions.changing.settling import BilledLine, Placed, Settlement
from invoicing.subscriptions.ledger import Due, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.prices import PriceBasis
from invoicing.subscriptions.schedule import due_of


def continuing(
    subscription: Subscription, rows: Sequence[SubscriptionPeriod], since: date, moment: Moment
) -> Iterator[Due]:
    """The billed periods of a subscription that goes on after an end, with the items that are charged for them.

    `since` is the day after the end. Changes before it charge no later days.
    """
    in_force = (one for made in subscription.changes if made.status == "in_force" for one in made.items)
    added = frozenset(one.item_id for one in in_force if one.item)
    for row in (*gaps(subscription, rows, since, added, moment), *rows):
        yield due_of(subscription, row)._replace(only=_continuing(subscription, row), since=since)


def continued(
    subscription: Subscription,
    dues: Iterable[Due],
    lines: Mapping[str, BilledLine],
    charge_id: str,
    price_basis: PriceBasis,
) -> Settlement:
    """The settlement of billed periods of a subscription that goes on after an end.

    The difference between the terms of the days after it and the lines that bill them is charged: on the draft of the
    period, else on a new invoice.
    """
    found = Settlement(charge_id)
    drafts = {one.invoice.id for one in lines.values() if one.is_draft}
    for due in dues:
        row, entries = due.row, list(entries_of(subscription, due, price_basis))
        if row is None or not entries:
            continue
        draft_id = row.invoice_id if row.invoice_id in drafts else None
        added = found.drafts[draft_id].added if draft_id else found.charges
        added += entries
        placed = (Placed(one, None if draft_id else charge_id) for one in entries)
        found.rows.append((row, [*row.items, *placed]))
    return found


def charged_items(settlement: Settlement) -> tuple[ChangedItem, ...]:
    """The items that are charged, as a change names them."""
    ids = (one.entry.item_id for _, items in settlement.rows for one in items if isinstance(one, Placed))
    return tuple(ChangedItem(op="set", item_id=id_) for id_ in dict.fromkeys(ids))


def _continuing(subscription: Subscription, row: SubscriptionPeriod) -> frozenset[str]:
    """The items that are charged for further days of a billed period.

    A period that a user skipped has only lines of items that changes added. Charges that wait are billed by the next
    invoice. Lines that a user took back count for their days, because their invoice may return.
    """
    if row.status == "released":
        return frozenset()
    billed = subscription.items if row.invoice_id or row.free else ()
    waiting = {one.item_id for one in subscription.waiting_charges if one.period == row.id}
    waiting |= {one.item_id for one in row.items if not one.is_by_days}
    return frozenset({*(one.id for one in billed), *(one.item_id for one in row.added)} - waiting)
