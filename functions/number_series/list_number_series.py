"""GET /number-series"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.numbering.report import SeriesCounter
from invoicing.numbering.requests import SeriesQuery
from invoicing.numbering.workflow import counters
from invoicing.tenants.errors import TenantNotFound


@endpoint("GET", "/number-series", scope="invoice:read", grants=[Grant.READ], raises=[TenantNotFound])
def handler(query: SeriesQuery, request: Request) -> Page[SeriesCounter]:
    """List number series with their counters.

    `year` defaults to the current year.
    """
    found = counters(request.store, query.year)
    data = tuple(
        SeriesCounter(
            name=name,
            pattern=counter.series.pattern,
            year=counter.series.counter_year(counter.issued),
            first=counter.first,
            next=counter.next,
            next_number=counter.number,
        )
        for name, counter in found.items()
    )
    return Page(data=data, has_more=False, next_cursor=None)
