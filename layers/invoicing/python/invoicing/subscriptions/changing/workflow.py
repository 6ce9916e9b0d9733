"""A change of a subscription with its documents: credit notes, the invoice and the ledger in one commit."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from invoicing.core.currency import from_minor
from invoicing.core.errors import ConcurrentModification
from invoicing.core.event import Change, Recorded
from invoicing.core.ids import new_id
from invoicing.customers.model import Customer
from invoicing.invoices.model import Invoice
from invoicing.issuing.workflow import Issuing
from invoicing.numbering.table import SeriesMoved
from invoicing.store.store import Store
from invoicing.subscriptions.billing.bills import bill
from invoicing.subscriptions.billing.entries import price_basis_of
from invoicing.subscriptions.billing.pricing import prices_at, prices_in
from invoicing.subscriptions.billing.units import basis_of
from invoicing.subscriptions.billing.waiting import with_credits, with_waiting
from invoicing.subscriptions.changing.applying import new_dues, rescheduled, with_changes
from invoicing.subscriptions.changing.continuing import charged_items, continued, continuing
from invoicing.subscriptions.changing.documents import Documents, billed_invoices, documents_of, require_room
from invoicing.subscriptions.changing.ending import taken_back
from invoicing.subscriptions.changing.ledger import billed_rows, settled_rows, skipped_events, with_gaps
from invoicing.subscriptions.changing.model import (
    ChangeAmounts,
    ChangedItem,
    ChangeResult,
    NewChange,
    SubscriptionChange,
)
from invoicing.subscriptions.changing.requesting import apply_change, requested_change, schedule_change
from invoicing.subscriptions.changing.settling import settle
from invoicing.subscriptions.events import (
    ChangeScheduled,
    SubscriptionChanged,
    change_events,
    period_events,
    status_events,
)
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.prices import Prices
from invoicing.subscriptions.schedule import with_status
from invoicing.subscriptions.terms import DaysAfterEnd
from invoicing.subscriptions.workflow import without_wait_for

_DAY = timedelta(days=1)


def change_subscription(store: Store, subscription_id: str, data: NewChange) -> ChangeResult:
    """Change a subscription now, or schedule the change.

    If another document takes one of its numbers, all is read and decided again, as after other lost races.
    """
    try:
        return _change(store, subscription_id, data)
    except SeriesMoved:
        raise ConcurrentModification from None


def _change(store: Store, subscription_id: str, data: NewChange) -> ChangeResult:
    before = store.get(Subscription, subscription_id)
    basis = basis_of(store, before)
    parties, moment = basis.parties, store.session.moment
    prices = {**prices_in(store, basis.found, before, None), **_prices_named(store, data)}
    change = requested_change(before, data, parties.tenant, moment, prices)
    if change.status == "scheduled":
        after = schedule_change(before, change, today=parties.tenant.today(moment.at), moment=moment)
        shown = _result(change, after.currency, Documents())
        if data.dry_run:
            return store.answer(shown)
        event = ChangeScheduled(change_id=change.id, on=change.on)
        store.commit(Recorded(after, event, *status_events(before, after)), response=shown)
        return shown
    made = _in_force(store, before, change, parties, prices)
    require_room(store, [made.subscription, *made.rows, *made.documents.changes], made.documents.numbers)
    return store.answer(made.shown) if data.dry_run else made.commit(store)


def days_after_end(store: Store, subscription: Subscription) -> DaysAfterEnd | None:
    """The billed days after the end of a canceled subscription, with the credit for them; None without such days."""
    cancellation = subscription.cancellation
    billed = (track.billed_through for track in subscription.tracks if track.billed_through)
    end = max(billed, default=date.min)
    if cancellation is None or end <= cancellation.on:
        return None
    credit = None
    if cancellation.refund_from is not None:
        documents = taken_back(store, subscription, basis_of(store, subscription).parties).documents
        before, after = ([pair[place] for pair in documents.edited] for place in (0, 1))
        credit = _amounts(subscription.currency, [*documents.notes, *before], after)
    return DaysAfterEnd(start=cancellation.on + _DAY, end=end, credit=credit)


def _prices_named(store: Store, data: NewChange) -> Prices:
    """The prices that a change names."""
    named = [(one.named_price, place) for place, one in enumerate(data.items)]
    return prices_at(store, {name[0]: f"/items/{place}/{name[1]}" for name, place in reversed(named) if name})


def commit_end(store: Store, before: Subscription, recorded: Recorded[Subscription], *more: Change) -> Subscription:
    """Commit another end of a subscription, with `more` changes.

    Billed periods can have days after the earlier end that no invoice bills: a change before it charges none, nor does
    a bill by hand of a period with later days on other invoices. If the subscription goes on, they are charged.
    """
    after = recorded.thing
    if before.cancellation is None or (after.ends_on or date.max) <= before.cancellation.on:
        return store.commit(recorded, *more)
    moment = store.session.moment
    change = SubscriptionChange(
        id=new_id("chg", moment.at),
        status="in_force",
        on=before.cancellation.on + _DAY,
        items=tuple(ChangedItem(op="set", item_id=one.id) for one in before.items),
        created_at=moment.at,
        created_by=moment.by.reference,
    )
    rows = billed_rows(store, after, change)
    return _charged(store, recorded, change, rows, more) if rows else store.commit(recorded, *more)


def _charged(
    store: Store,
    recorded: Recorded[Subscription],
    change: SubscriptionChange,
    rows: Sequence[SubscriptionPeriod],
    more: Sequence[Change],
) -> Subscription:
    """Commit a subscription with an invoice over the days after its earlier end. This is a change of its own."""
    after, moment = recorded.thing, store.session.moment
    parties, priced = basis_of(store, after)
    tenant, customer, _ = parties
    found, charge_id = billed_invoices(store, rows), new_id("inv", moment.at)
    price_basis = price_basis_of(after, customer, tenant, prices_in(store, priced, after, None))
    dues = continuing(after, rows, change.on, moment)
    settlement = continued(after, dues, found.lines, charge_id, price_basis)
    if not settlement.rows:
        return store.commit(recorded, *more)
    charges = tuple(settlement.charges)
    made = bill(after, (), charge_id, charges=charges, customer=customer, tenant=tenant, moment=moment)
    documents = documents_of(store, after, settlement, found, made.draft, parties)
    invoice_id = documents.invoice.id if documents.invoice else None
    change = change.model_copy(update={"items": charged_items(settlement), "invoice_id": invoice_id})
    event = SubscriptionChanged(change_id=change.id, on=change.on, invoice_id=change.invoice_id)
    recorded = Recorded(with_changes(after, (*after.changes, change)), *recorded.events, event)
    changes = [*settled_rows(settlement, documents, moment.at), *documents.changes, *more]
    require_room(store, [recorded, *changes], documents.numbers)
    try:
        return store.commit(recorded, *changes, also=documents.numbers.writes)
    except SeriesMoved:
        raise ConcurrentModification from None


class _Made(NamedTuple):
    """A change in force with everything that is committed with it."""

    shown: ChangeResult
    subscription: Recorded[Subscription]
    rows: Sequence[SubscriptionPeriod]
    documents: Documents

    def commit(self, store: Store) -> ChangeResult:
        """Write the change with its documents and periods: all of it or nothing."""
        changes = self.documents.changes
        also = self.documents.numbers.writes
        deleted = self.documents.discarded
        store.commit(self.subscription, *self.rows, *changes, also=also, response=self.shown, deleted=deleted)
        return self.shown


def _in_force(
    store: Store, before: Subscription, change: SubscriptionChange, parties: Issuing[Customer], prices: Prices
) -> _Made:
    tenant, customer, _ = parties
    moment, today = store.session.moment, tenant.today(store.session.now)
    after = apply_change(before, change)
    rows = with_gaps(after, change, billed_rows(store, after, change), moment)
    found = billed_invoices(store, rows)
    charge_id = new_id("inv", moment.at)
    price_basis = price_basis_of(after, customer, tenant, prices)
    settlement = settle(after, change, rows, found.lines, charge_id, price_basis)
    after = rescheduled(after, change, rows)
    waits = change.bill == "next_invoice"
    dues = () if waits else new_dues(before, after, change, today)
    made = bill(
        after,
        dues,
        charge_id,
        charges=tuple(settlement.charges),
        customer=customer,
        tenant=tenant,
        moment=moment,
        prices=prices,
    )
    documents = documents_of(store, after, settlement, found, None if waits else made.draft, parties)
    after = made.subscription if dues else with_status(with_waiting(after, settlement.waiting), today)
    after = with_credits(after, documents.refunds if waits else ())
    invoice_id = documents.invoice.id if documents.invoice else None
    change = change.model_copy(
        update={"invoice_id": invoice_id, "credit_note_ids": tuple(one.id for one in documents.notes)}
    )
    kept = (change if one.id == change.id else one for one in after.changes)
    after = after.model_copy(update={"changes": tuple(kept), **moment.updated})
    after = without_wait_for(after, documents.discarded)
    events = [
        SubscriptionChanged(
            change_id=change.id, on=change.on, invoice_id=invoice_id, credit_note_ids=change.credit_note_ids
        ),
        *change_events(before, after),
        *skipped_events(settlement, documents),
        *period_events(made.periods),
        *status_events(before, after),
    ]
    changed_rows = [*settled_rows(settlement, documents, moment.at), *made.periods]
    shown = _result(change, after.currency, documents, made.draft if waits else None)
    return _Made(shown, Recorded(after, *events), changed_rows, documents)


def _result(
    change: SubscriptionChange, currency: str, documents: Documents, later: Invoice | None = None
) -> ChangeResult:
    """The change with the amounts of its documents. `later` has the lines that wait for the next invoice."""
    before, after = ([pair[place] for pair in documents.edited] for place in (0, 1))
    charged = [*after, *(one for one in (documents.invoice, later) if one)]
    credit = _amounts(currency, documents.notes)
    charge = _amounts(currency, charged, before)
    difference = _amounts(currency, charged, [*before, *documents.notes])
    return ChangeResult(**dict(change), credit=credit, charge=charge, difference=difference)


def _amounts(currency: str, documents: Sequence[Invoice], less: Sequence[Invoice] = ()) -> ChangeAmounts:
    """The sums of documents, less those of others."""
    nothing = from_minor(0, currency)
    tax = sum((one.tax for one in documents), nothing) - sum((one.tax for one in less), nothing)
    total = sum((one.total for one in documents), nothing) - sum((one.total for one in less), nothing)
    return ChangeAmounts(net=total - tax, tax=tax, total=total)
