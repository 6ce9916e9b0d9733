"""Documents that a resumed run leaves out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.table import Selected, parts_of_drafts, selected_from, selection_of
from invoicing.core.errors import Invalid, Violation
from invoicing.store.changes import Also
from invoicing.store.store import Store


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
