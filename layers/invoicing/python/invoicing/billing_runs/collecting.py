"""The selection of a run over drafts: those that a request names, or those that match its filter."""

import time
from collections.abc import Sequence
from itertools import batched

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
from invoicing.store.listing import examined
from invoicing.store.reading import items_at
from invoicing.store.store import Store

FIRST_SECONDS = 5.0
"""How long a request searches for drafts. The run continues the search."""
EXAMINED_A_CALL = 1_000
_HEADS_A_CALL = 100


def first_selection(store: Store, wanted: StartBillingRun) -> Selected:
    """The first part of a selection. It is empty only if there is no draft at all, or none was found in time."""
    if wanted.invoice_ids is not None:
        ids = tuple(dict.fromkeys(wanted.invoice_ids))
        return Selected(0, ids if _has_a_draft(store.tenant_id, ids) else ())
    return _search(store, wanted.filter or DraftFilter(), 0, None, time.monotonic() + FIRST_SECONDS)


def nothing_selected(wanted: StartBillingRun) -> NothingToBill:
    """The refusal of a selection without a draft, with each document or the filter that it named."""
    places = [f"/invoice_ids/{place}" for place, _ in enumerate(wanted.invoice_ids or ())]
    if wanted.filter is not None:
        places = ["/filter/customer_id" if wanted.filter.customer_id else "/filter"]
    return NothingToBill(errors=tuple(Violation(one, NothingToBill.code, "There is no such draft.") for one in places))


def is_selected(store: Store, run: BillingRun) -> bool:
    """Whether a run has selected all its documents."""
    return selected_at(store, run.id, run.counts.selected).after is None


def collect(store: Store, run: BillingRun, until: float) -> BillingRun:
    """Select more drafts, until there are no others or the time is over. Those of after the start are not selected."""
    position, wanted = run.counts.selected, run.filter or DraftFilter()
    last = selected_at(store, run.id, position)
    wanted = wanted.model_copy(update={"created_to": min(wanted.created_to or run.begun_at, run.begun_at)})
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


def _has_a_draft(tenant: str, ids: Sequence[str]) -> bool:
    for some in batched(ids, _HEADS_A_CALL, strict=False):
        heads = items_at([invoice_key(tenant, one) for one in some])
        if any(head["status"]["S"] == Status.DRAFT for head in heads.values()):
            return True
    return False
