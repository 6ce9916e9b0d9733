"""Pages of the results of a run. They are stored block by block, so a page begins and ends within blocks."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.outcome import RunResult
from invoicing.billing_runs.requests import RunResultQuery
from invoicing.billing_runs.table import BlockResults, blocks_from
from invoicing.core.page import Page
from invoicing.http.request import Request
from invoicing.store.listing import EXAMINED, cursor_at, start_of


class _Place(NamedTuple):
    """A result in the selection: the position of its block, and its own."""

    block: int
    position: int


def page_of_results(request: Request, run_id: str, query: RunResultQuery) -> Page[RunResult]:
    """One page of results, in the order in which the run decided them or backwards.

    It may be short although more pages follow, because one call reads a bounded number of blocks.
    """
    tenant_id, descending = request.caller.tenant_id, query.order == "desc"
    bound_to = [tenant_id, request.operation, run_id]
    start = start_of(query, bound_to)
    after = _Place(*start) if start else None
    blocks = blocks_from(tenant_id, run_id, after and after.block, descending=descending)
    found: list[RunResult] = []
    last: _Place | None = None
    for place, result in _placed(islice(blocks, EXAMINED), after, descending=descending):
        if len(found) == query.limit:
            break
        last = place
        if _matches(result, query):
            found.append(result)
    else:
        if next(blocks, None) is None:
            last = None
    if not found and after is None:
        request.store.get(BillingRun, run_id)
    next_cursor = cursor_at(last, query, bound_to) if last else None
    return Page(data=tuple(found), has_more=last is not None, next_cursor=next_cursor)


def _placed(
    blocks: Iterable[BlockResults], after: _Place | None, *, descending: bool
) -> Iterator[tuple[_Place, RunResult]]:
    """The results of blocks that follow a place."""
    for block in blocks:
        entries = [(_Place(block.first, place), one) for place, one in enumerate(block.results, block.first)]
        for place, one in reversed(entries) if descending else entries:
            if after is None or (place < after if descending else place > after):
                yield place, one


def _matches(result: RunResult, query: RunResultQuery) -> bool:
    return query.outcome in (None, result.outcome) and query.code in (None, result.code)
