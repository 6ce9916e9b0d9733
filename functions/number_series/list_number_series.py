"""GET /number-series"""

from invoicing.api.endpoint import endpoint
from invoicing.api.grants import Grant
from invoicing.api.request import Request
from invoicing.api.requests.numbers import SeriesQuery
from invoicing.domain.errors import TenantNotFound
from invoicing.domain.pages import Page
from invoicing.domain.series_report import SeriesCounter
from invoicing.workflows.number_series import counters


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
