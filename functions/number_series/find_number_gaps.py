"""GET /number-series/{name}/gaps"""

from invoicing.aws.grants import Grant
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.numbering.errors import SeriesNotFound
from invoicing.numbering.model import SeriesName
from invoicing.numbering.report import GapReport, gaps
from invoicing.numbering.requests import GapQuery
from invoicing.numbering.table import CHECKED, counts_between
from invoicing.numbering.workflow import counters


@endpoint("GET", "/number-series/{name}/gaps", scope="invoice:read", grants=[Grant.READ], raises=[SeriesNotFound])
def handler(name: SeriesName, query: GapQuery, request: Request) -> GapReport:
    """Check a number series for gaps.

    Each call checks one part of a long series; continue with `start` set to `next_start`.
    """
    counter = counters(request.store, query.year).get(name)
    if counter is None:
        raise SeriesNotFound
    first = max(counter.first, query.start or 0)
    last = min(counter.next, first + CHECKED) - 1
    found = counts_between(counter.key, first, last) if first <= last else []
    return GapReport(
        name=name,
        year=counter.series.counter_year(counter.issued),
        first=counter.first,
        next=counter.next,
        checked_from=first,
        checked_to=last,
        documents=len(found),
        gaps=tuple(gaps(found, first, last)),
        next_start=last + 1 if last + 1 < counter.next else None,
    )
