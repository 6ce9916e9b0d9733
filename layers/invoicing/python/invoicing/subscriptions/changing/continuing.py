"""The charges for days after an end that was revoked, or replaced by a later one."""

from collections.abc import Mapping, Sequence
from datetime import date

from invoicing.subscriptions.billing.entries import entries_of
from invoicing.subscriptions.changing.model import ChangedItem
from invoicing.subscriptions.changing.settling import BilledLine, Placed, Settlement
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.prices import PriceBasis
from invoicing.subscriptions.schedule import due_of


def continued(
    subscription: Subscription,
    rows: Sequence[SubscriptionPeriod],
    since: date,
    lines: Mapping[str, BilledLine],
    charge_id: str,
    price_basis: PriceBasis,
) -> Settlement:
    """The settlement of billed periods of a subscription that goes on after an end.

    `since` is the day after it. Changes and bills by hand before the end charged only the days up to it. The
    difference between the terms of the days after it and the lines that bill them is charged: on the draft of the
    period, else on a new invoice.
    """
    found = Settlement(charge_id)
    drafts = {one.invoice.id for one in lines.values() if one.is_draft}
    for row in rows:
        due = due_of(subscription, row)._replace(only=_continuing(subscription, row), since=since)
        entries = list(entries_of(subscription, due, price_basis))
        if not entries:
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

    Without an invoice of its own, a period has only lines of items that changes added. Charges that wait are billed by
    the next invoice, and lines that a user took back are no reason to charge.
    """
    if row.status == "released":
        return frozenset()
    billed = subscription.items if row.invoice_id else ()
    waiting = {one.item_id for one in subscription.waiting_charges if one.period == row.id}
    waiting |= {one.item_id for one in row.items if one.released or not one.is_by_days}
    return frozenset({*(one.id for one in billed), *(one.item_id for one in row.added)} - waiting)
