"""The days after the end of a canceled subscription that are billed already, and taken back."""

from collections.abc import Sequence
from typing import NamedTuple

from invoicing.core.errors import ConcurrentModification
from invoicing.core.event import Change, Event, Recorded
from invoicing.core.ids import new_id
from invoicing.customers.model import Customer
from invoicing.issuing.workflow import Issuing
from invoicing.numbering.table import SeriesMoved
from invoicing.store.store import Store
from invoicing.subscriptions.billing.entries import price_basis_of
from invoicing.subscriptions.changing.applying import applied
from invoicing.subscriptions.changing.documents import Documents, billed_invoices, documents_of, require_room
from invoicing.subscriptions.changing.ledger import billed_rows, settled_rows, skipped_events
from invoicing.subscriptions.changing.model import ChangedItem, SubscriptionChange
from invoicing.subscriptions.changing.settling import settle
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.prices import NO_PRICES


class TakenBack(NamedTuple):
    """The documents and periods of the days after the end."""

    rows: Sequence[SubscriptionPeriod]
    documents: Documents
    events: Sequence[Event]
    """Those about its periods."""

    def commit(self, store: Store, subscription: Recorded[Subscription]) -> None:
        """Write the subscription with its credit notes: all of it or nothing."""
        subscription += self.events
        changes: list[Change] = [*self.rows, *self.documents.changes]
        require_room(store, [subscription, *changes], self.documents.numbers)
        try:
            store.commit(subscription, *changes, also=self.documents.numbers.writes, deleted=self.documents.discarded)
        except SeriesMoved:
            raise ConcurrentModification from None


def taken_back(store: Store, subscription: Subscription, parties: Issuing[Customer]) -> TakenBack:
    """Take back the billed days after the end, as if all items were removed then. Items that are billed once stay."""
    if subscription.cancellation is None or subscription.cancellation.refund_from is None:
        raise AssertionError("only a canceled subscription takes back")
    moment = store.session.moment
    change = SubscriptionChange(
        id=new_id("chg", moment.at),
        status="in_force",
        on=subscription.cancellation.refund_from,
        items=tuple(ChangedItem(op="remove", item_id=one.id) for one in subscription.items if not one.once),
        created_at=moment.at,
    )
    after = applied(subscription, change)
    rows = billed_rows(store, after, change)
    found = billed_invoices(store, rows)
    price_basis = price_basis_of(after, parties.customer, parties.tenant, NO_PRICES)
    settlement = settle(after, change, rows, found.lines, new_id("inv", moment.at), price_basis)
    documents = documents_of(store, after, settlement, found, None, parties)
    settled = tuple(settled_rows(settlement, documents, moment.at))
    return TakenBack(settled, documents, skipped_events(settlement, documents))
