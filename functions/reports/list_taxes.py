"""GET /reports/tax"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.reports.requests import TaxQuery
from invoicing.reports.sums import page_of_taxes
from invoicing.reports.tax import ReportedTax


@endpoint("GET", "/reports/tax", scope="report:read", grants=[Grant.READ], memory=1769)
def handler(query: TaxQuery, request: Request) -> Page[ReportedTax]:
    """List the tax by country of supply, category and rate.

    Credit notes, cancellations, cash discounts and write-offs reduce the amounts of their rates, each on its own date.
    Repeat the query with `country`, `category` and `rate` for the documents behind a row. A change is shown some
    seconds after it was made. At most 150,000 changes are added up; choose fewer days for more.
    """
    return page_of_taxes(request, query)
