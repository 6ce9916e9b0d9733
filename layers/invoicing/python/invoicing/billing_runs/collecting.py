"""The selection of a run: drafts that a request names or that match its filter, or subscriptions that are due."""

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import batched
from typing import NamedTuple, Self

from pydantic import ValidationError

from invoicing.billing_runs.errors import NothingToBill
from invoicing.billing_runs.events import end_of
from invoicing.billing_runs.model import BillingRun, DraftFilter
from invoicing.billing_runs.requests import StartBillingRun
from invoicing.billing_runs.table import IDS_A_PART, Selected, selected_at, selection_of
from invoicing.core.errors import Violation
from invoicing.core.event import Recorded
from invoicing.core.ids import successor
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.table import drafts_created, invoice_key
from invoicing.store.keys import INDEXES, Item
from invoicing.store.listing import KeyRange, examined
from invoicing.store.reading import KEYS_A_CALL, items_at
from invoicing.store.rows.items import model_of
from invoicing.store.store import Store
from invoicing.subscriptions.billing.attention import is_retried
from invoicing.subscriptions.model import SubscriptionSummary
from invoicing.subscriptions.table import due_until, subscription_key, to_bill

FIRST_SECONDS = 5.0
"""How long a request searches for drafts. The run continues the search."""
EXAMINED_A_CALL = 1_000
_HEADS_A_CALL = 100


class DueFilter(NamedTuple):
    """Which subscriptions a run selects."""

    wanted: DraftFilter
    until: datetime
    """Date and hour up to which they are due, in the tenant's time zone."""
    clock: datetime | None
    """When the clock selects. It leaves those that wait for a decision to their review. None for a run of a user."""

    @classmethod
    def of(cls, run: BillingRun) -> Self:
        """The filter of a run over subscriptions."""
        return cls(run.filter or DraftFilter(), run.due_until, clock=run.begun_at if run.hour else None)

    def selected(self, tenant: str, ids: Sequence[str]) -> list[str]:
        """The ids of those subscriptions that it selects, in one read."""
        keys = [subscription_key(tenant, one) for one in ids]
        found = items_at(keys)
        return [id_ for id_, key in zip(ids, keys, strict=True) if key in found and self._selects(found[key])]

    def _selects(self, item: Item) -> bool:
        try:
            head = model_of(SubscriptionSummary, item)
        except ValidationError:
            # The run decides about it, so that its result shows the failure.
            return True
        return (
            self._is_due(head)
            and self.wanted.customer_id in (None, head.customer_id)
            and self.wanted.currency in (None, head.currency)
            and (self.wanted.created_to is None or head.created_at <= self.wanted.created_to)
        )

    def _is_due(self, head: SubscriptionSummary) -> bool:
        if head.has_unissued_draft or (self.clock and head.attention and not is_retried(head.attention, self.clock)):
            return False
        bill_on = head.next_bill_on
        return bill_on is not None and (bill_on, head.hour) <= (self.until.date(), self.until.hour)


def first_selection(store: Store, wanted: StartBillingRun, due: DueFilter | None) -> Selected:
    """The first part of a selection. It is empty only if there is nothing at all, or nothing was found in time."""
    until = time.monotonic() + FIRST_SECONDS
    if due is not None:
        return _search_due(store, due, 0, None, until)
    if wanted.invoice_ids is not None:
        ids = tuple(dict.fromkeys(wanted.invoice_ids))
        return Selected(0, ids if _has_a_draft(store.tenant_id, ids) else ())
    return _search(store, wanted.filter or DraftFilter(), 0, None, until)


def nothing_selected(wanted: StartBillingRun) -> NothingToBill:
    """The refusal of an empty selection, with each document or the filter that it named."""
    places = [f"/invoice_ids/{place}" for place, _ in enumerate(wanted.invoice_ids or ())]
    if wanted.filter is not None:
        places = ["/filter/customer_id" if wanted.filter.customer_id else "/filter"]
    if wanted.source == "subscriptions" and not places:
        places = ["/up_to"]
    missing = "There is no such draft." if wanted.source == "drafts" else "No such subscription is due."
    return NothingToBill(errors=tuple(Violation(one, NothingToBill.code, missing) for one in places))


def is_selected(store: Store, run: BillingRun) -> bool:
    """Whether a run has selected all its documents."""
    return selected_at(store, run.id, run.counts.selected).after is None


def collect(
    store: Store,
    run: BillingRun,
    last: Selected,
    *,
    stuck: bool,  # noqa: ARG001 — it writes nothing but the run
) -> BillingRun:
    """Select more, until there is nothing else or the time is over. Drafts of after the start are not selected."""
    position, wanted, until = run.counts.selected, run.filter or DraftFilter(), store.session.until
    wanted = wanted.model_copy(update={"created_to": min(wanted.created_to or run.begun_at, run.begun_at)})
    if run.source == "subscriptions":
        found = _search_due(store, DueFilter.of(run), position, last.after, until)
    else:
        found = _search(store, wanted, position, last.after, until)
    after = run.collected(len(found.ids), ended=found.after is None, moment=store.session.moment)
    return store.advance(Recorded(after, *end_of(after)), also=[selection_of(run.id, found)])


def _search(store: Store, wanted: DraftFilter, first: int, after: str | None, until: float) -> Selected:
    """The next drafts that match. `after` of the result is None if there are no others."""
    key_range, conditions = drafts_created(store.tenant_id, **dict(wanted), first=successor(after) if after else None)
    found: list[str] = []
    for items, last in examined(key_range, conditions, page=EXAMINED_A_CALL):
        found += [item[key_range.names[1]]["S"] for item in items]
        if len(found) >= IDS_A_PART or time.monotonic() >= until:
            return Selected(first, tuple(found), after=last)
    return Selected(first, tuple(found))


def _search_due(store: Store, due: DueFilter, first: int, after: str | None, until: float) -> Selected:
    """The next subscriptions that are due, those first that wait longest."""
    key_range = KeyRange(to_bill(store.tenant_id), after and after + "~", due_until(due.until))
    found: list[str] = []
    for items, last in examined(key_range, (), page=EXAMINED_A_CALL):
        for some in batched(map(_id_of, items), KEYS_A_CALL, strict=False):
            found += due.selected(store.tenant_id, some)
        if len(found) >= IDS_A_PART or time.monotonic() >= until:
            return Selected(first, tuple(found), after=last)
    return Selected(first, tuple(found))


def _id_of(item: Item) -> str:
    """The subscription in an entry of the list of those that are due."""
    return str(item[INDEXES["GSI7"].sort]["S"].rpartition("#")[2])


def _has_a_draft(tenant: str, ids: Sequence[str]) -> bool:
    for some in batched(ids, _HEADS_A_CALL, strict=False):
        heads = items_at([invoice_key(tenant, one) for one in some])
        if any(head["status"]["S"] == Status.DRAFT for head in heads.values()):
            return True
    return False
