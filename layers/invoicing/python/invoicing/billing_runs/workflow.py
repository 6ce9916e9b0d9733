"""The work of a run: block after block, each committed with the run's progress under its version.

The progress is the number of decided documents, so a block that was committed is never decided again. A worker that
dies repeats the block that it had in hand, and of two workers only one can commit a block; the other one continues
after it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from invoicing.billing_runs.batch import Batch, batch_of, may_be_repeated
from invoicing.billing_runs.block import Block
from invoicing.billing_runs.events import end_of
from invoicing.billing_runs.model import BillingRun, ParkedReason
from invoicing.billing_runs.skipping import show_left_drafts
from invoicing.billing_runs.table import DRAFTS, SELECTION, Selected, drafts_of, run_and_selection, selected_at
from invoicing.core.clock import wait, windows
from invoicing.core.errors import OutcomeUnknown
from invoicing.core.event import Recorded
from invoicing.http.request import Request, now_for
from invoicing.numbering.errors import NumberTaken
from invoicing.numbering.table import SeriesMoved
from invoicing.observability import log_line
from invoicing.outbox.deferring import may_pass
from invoicing.store.retry import LOST_RACES
from invoicing.store.store import Store

WORK_SECONDS = 25.0
"""How long one message works. The next one continues."""
MOST_ATTEMPTS: Final = 10
"""The deliveries of a step after which its run is parked. They are six minutes apart, so that an outage of an hour
delays a run and does not end it."""
IDS_A_BATCH: Final = 95
"""The documents that are read together: five full blocks."""
_MOST_RACES: Final = 8
"""The races that a run loses without progress before it leaves out the documents for which it loses them. An
unexpected row, such as a wrong one in the ledger, fails each attempt as another writer would."""
_LOST: Final[tuple[type[Exception], ...]] = (*LOST_RACES, SeriesMoved)
"""Another writer was faster, so nothing was written. The next attempt begins with the progress in the table."""


class Advance(Protocol):
    """Advances a run by its next documents."""

    def __call__(self, store: Store, run: BillingRun, selected: Selected, /, *, stuck: bool) -> BillingRun:
        """`selected` is the part of the selection with them. It ends when the session of the store does.

        `stuck`: races are lost without progress, so a document for which one is lost alone is left out.
        """


@dataclass
class _Races:
    """The races that were lost since the last progress of a run."""

    version: int | None = None
    lost: int = 0

    def see(self, version: int) -> None:
        """Note the version of the run. A new one is progress."""
        if version != self.version:
            self.version, self.lost = version, 0

    @property
    def are_stuck(self) -> bool:
        """Whether too many races were lost for another writer to be the cause."""
        return self.lost >= _MOST_RACES


def take_step(
    request: Request, run_id: str, run_version: int | None, steps: Mapping[str, Advance]
) -> BillingRun | None:
    """Advance a run as far as one message can, while its status is one of `steps`. Returns it if a step has to follow.

    A canceled run shows the drafts that it left.

    A step that failed ten times parks the run. One that another step has overtaken does nothing, so that the steps of a
    run that was requested twice become one sequence again. `run_version` is that of the run when the step was
    requested.
    """
    if request.delivery > MOST_ATTEMPTS:
        park(request.store, run_id)
        return None
    # A delivery that is repeated may have advanced the run itself.
    run = work(request.store, run_id, steps, run_version if request.delivery == 1 else None)
    if run is not None and run.status == "canceled" and run.source == "subscriptions":
        until = min(time.monotonic() + WORK_SECONDS, request.store.session.ends)
        return run if show_left_drafts(request.store, run, until) else None
    return run if run is not None and run.is_active else None


def work(store: Store, run_id: str, steps: Mapping[str, Advance], stale_after: int | None = None) -> BillingRun | None:
    """Advance a run until it ends, is parked or canceled, or the time of the message is over.

    Returns None without any work if the run has a later version than `stale_after`: another message continues it.
    """
    until, races = min(time.monotonic() + WORK_SECONDS, store.session.ends), _Races()
    for window in windows(0.05, 2.0):
        try:
            return _worked(store.fresh(until), run_id, steps, stale_after, races)
        except _LOST:
            races.lost += 1
            if time.monotonic() >= until:
                return store.fresh(until).get(BillingRun, run_id)
        except OutcomeUnknown:
            if time.monotonic() >= until:
                raise
        except Exception as error:
            if may_pass(error):
                raise
            return park(store.fresh(until), run_id)
        # This message may have advanced the run itself.
        stale_after = None
        wait(window)
    raise AssertionError("the windows never end")


def _worked(
    store: Store, run_id: str, steps: Mapping[str, Advance], stale_after: int | None, races: _Races
) -> BillingRun | None:
    """Advance a run from its state in the table, at least by one batch, unless another message continues it."""
    until = store.session.until
    run, selected = run_and_selection(store, run_id)
    if stale_after is not None and run.version > stale_after:
        return None
    while run.status in steps:
        races.see(run.version)
        # Documents are dated and recorded as of their block, not as of the message.
        store.session.now = now_for(store.tenant_id)
        if run.status != "collecting" and (reached := run.exceeded):
            run = _stopped(store, run, reached)
        else:
            selected = _part(store, run, selected)
            run = steps[run.status](store, run, selected, stuck=races.are_stuck)
        # The documents of a batch are not kept in memory.
        store = store.keeping(run)
        if time.monotonic() >= until:
            break
    return run


def _part(store: Store, run: BillingRun, read: Selected | None) -> Selected:
    """The part of the selection with the next document. The one that was read last may have it."""
    if run.status == "finalizing" and run.source == "subscriptions":
        known = read is not None and read.prefix == DRAFTS and read.end == run.counts.drafted
        return read if read is not None and known else drafts_of(store, run.id)
    if run.status == "collecting":
        return selected_at(store, run.id, run.counts.selected)
    position = run.counts.subscriptions if run.status == "drafting" else run.position
    if read is not None and read.prefix == SELECTION and read.first <= position < read.end:
        return read
    return selected_at(store, run.id, position)


def finalize_some(store: Store, run: BillingRun, selected: Selected, *, stuck: bool) -> BillingRun:
    """Finalize the next batch of documents in blocks."""
    position = run.position
    batch = batch_of(store, run, selected.ids[position - selected.first :][:IDS_A_BATCH], selected.skipped)
    while run.status == "finalizing" and run.position < position + len(batch.ids):
        run, batch = _next_block(store, run, batch, batch.ids[run.position - position :], stuck=stuck)
    return run


def _next_block(
    store: Store, run: BillingRun, batch: Batch, ids: Sequence[str], *, stuck: bool
) -> tuple[BillingRun, Batch]:
    """Commit the next block of a batch. While others take its numbers, it gets the next ones, without another read.

    Each attempt has half as many documents: it then wins a race against single documents, and a document whose
    transaction fails is found and refused alone. A number in use is not the document's fault.
    """
    most = len(ids)
    for window in windows(0.05, 0.8):
        block = Block.next_of(run, most)
        block.fill(store, batch, ids)
        try:
            return block.commit(store), batch.after(block.counters)
        except SeriesMoved as moved:
            if time.monotonic() >= store.session.until:
                raise
            batch = batch.after({moved.counter.key: moved.counter})
            wait(window)
        except Exception as error:
            if may_be_repeated(error, stuck=stuck) or isinstance(error, NumberTaken) or not block.changes:
                raise
            if len(block.results) == 1:
                batch = batch.rejecting(ids[0], error)
        most = max(len(block.results) // 2, 1)
    raise AssertionError("the windows never end")


def park(store: Store, run_id: str) -> BillingRun:
    """Park a run that a repetition does not advance: its next block fails as a whole, or each attempt has failed."""
    run = store.get(BillingRun, run_id)
    if not run.is_active:
        return run
    log_line("advance_run", time.perf_counter(), unexpected=True, facts={"run_id": run_id})
    return _stopped(store, run, "failure")


def _stopped(store: Store, run: BillingRun, reason: ParkedReason) -> BillingRun:
    parked = run.parked(reason, store.session.moment)
    return store.advance(Recorded(parked, *end_of(parked)))
