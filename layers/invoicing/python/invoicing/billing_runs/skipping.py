"""Documents that a resumed run leaves out, and the drafts that a canceled one leaves."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from invoicing.billing_runs.errors import RunCanceled
from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.table import Selected, parts_of_drafts, selected_from, selection_of
from invoicing.core.errors import Invalid, Violation
from invoicing.core.event import Recorded
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import InvoiceSummary
from invoicing.invoices.table import invoice_key
from invoicing.store.changes import Also
from invoicing.store.reading import items_at
from invoicing.store.retry import retry_on_conflict
from invoicing.store.rows.items import model_of
from invoicing.store.store import Store
from invoicing.subscriptions.billing.attention import waiting
from invoicing.subscriptions.model import SubscriptionSummary


class LeftOut(NamedTuple):
    """The number of documents that are left out in addition, and the writes that do it."""

    more: int = 0
    writes: tuple[Also, ...] = ()


def left_out(store: Store, run: BillingRun, ids: Sequence[str]) -> LeftOut:
    """The documents that are left out. Refuses those that the run does not select or has decided."""
    wanted, more = set(ids), 0
    if not wanted:
        return LeftOut()
    changed: list[Selected] = []
    for part, undecided in _rest(store, run):
        found = wanted & undecided
        wanted -= found
        if found:
            more += len(found - part.skipped)
            changed.append(part._replace(skipped=part.skipped | found))
        if not wanted:
            break
    if wanted:
        message = "The run does not select this document, or has decided it."
        places = (place for place, id_ in enumerate(ids) if id_ in wanted)
        raise Invalid(message, errors=tuple(Violation(f"/skip/{place}", Invalid.code, message) for place in places))
    return LeftOut(more, tuple(selection_of(run.id, part) for part in changed))


def _rest(store: Store, run: BillingRun) -> Iterator[tuple[Selected, set[str]]]:
    """The parts of the selection that are not decided, each with its undecided ids."""
    if run.source == "drafts":
        yield from _after(selected_from(store, run.id, run.counts.decided), run.position)
    elif run.continues_as == "finalizing":
        yield from _after(parts_of_drafts(store, run.id), run.position)
    if run.continues_as == "drafting" or run.has_further:
        billed = run.counts.subscriptions
        yield from _after(selected_from(store, run.id, billed), billed)


def _after(parts: Iterable[Selected], position: int) -> Iterator[tuple[Selected, set[str]]]:
    """Parts, each with its ids from a position on."""
    for part in parts:
        yield part, set(part.ids[max(position - part.first, 0) :])


def show_left_drafts(store: Store, run: BillingRun, until: float) -> bool:
    """Let the subscriptions whose drafts a canceled run left wait for a user. Returns whether others are left.

    A draft that is issued or deleted meanwhile, or whose subscription waits already, needs no user.
    """
    for subscription_id, drafts in _left_drafts(store, run).items():
        # Those that an earlier message let wait cost a read.
        waits = retry_on_conflict(store, partial(_show, run=run, subscription_id=subscription_id, drafts=drafts))
        if waits and time.monotonic() >= until:
            return True
    return False


def _left_drafts(store: Store, run: BillingRun) -> Mapping[str, list[str]]:
    """The drafts of a run that were neither issued nor left out, by their subscriptions."""
    found: dict[str, list[str]] = defaultdict(list)
    for part in parts_of_drafts(store, run.id):
        heads = items_at([invoice_key(store.tenant_id, one) for one in part.ids if one not in part.skipped])
        for head in heads.values():
            draft = model_of(InvoiceSummary, head)
            for subscription_id in draft.subscription_ids if draft.status is Status.DRAFT else ():
                found[subscription_id].append(draft.id)
    return found


def _show(store: Store, *, run: BillingRun, subscription_id: str, drafts: Sequence[str]) -> bool:
    """Let a subscription wait for its drafts. Returns whether it did not wait before."""
    subscription, moment = store.get(SubscriptionSummary, subscription_id), store.session.moment
    if subscription.action == "draft" or subscription.has_unissued_draft:
        return False
    first, *others = drafts
    shown = waiting(subscription, RunCanceled(f"The billing run {run.id} was canceled."), moment, invoice_id=first)
    attention = shown.thing.attention and shown.thing.attention.with_later(others)
    store.commit(Recorded(shown.thing.model_copy(update={"attention": attention}), *shown.events))
    return True
