"""The dry run: the results that a run would have now. It decides as the run does, and writes nothing."""

import time
from collections.abc import Sequence

from invoicing.billing_runs.batch import batch_of
from invoicing.billing_runs.block import Block
from invoicing.billing_runs.model import BillingRun, RunResult
from invoicing.billing_runs.requests import MOST_NAMED
from invoicing.billing_runs.table import Selected
from invoicing.billing_runs.workflow import IDS_A_BATCH
from invoicing.core.errors import Invalid
from invoicing.numbering.table import Counter
from invoicing.store.keys import Key
from invoicing.store.store import Store

MOST_SECONDS = 20.0
"""How long a dry run decides; a request has 29 seconds. A thousand drafts with few lines take less than half of it."""


def require_short(selected: Selected) -> None:
    """Refuse a dry run over more drafts than a request can name."""
    if selected.after is not None or len(selected.ids) > MOST_NAMED:
        raise _too_long()


def dry_run(store: Store, run: BillingRun, ids: Sequence[str]) -> BillingRun:
    """The run as it would end now, with its results."""
    until = time.monotonic() + MOST_SECONDS
    results: list[RunResult] = []
    counters: dict[Key, Counter] = {}
    if run.exceeded:
        run = run.parked(run.exceeded, store.session.moment)
    while run.is_active and len(results) < len(ids):
        reading = store.fresh(until)
        batch = batch_of(reading, run, ids[len(results) :][:IDS_A_BATCH], frozenset())
        end = len(results) + len(batch.ids)
        while run.is_active and len(results) < end:
            if time.monotonic() >= until:
                raise _too_long()
            block = Block.next_of(run)
            block.fill(reading, batch.after(counters), ids[len(results) : end])
            run, results, counters = block.run, results + block.results, {**counters, **block.counters}
    return run.as_dry_run(results)


def _too_long() -> Invalid:
    return Invalid(
        "The dry run takes longer than a request may. Name fewer drafts in invoice_ids, or narrow the filter.",
        pointer="/dry_run",
    )
