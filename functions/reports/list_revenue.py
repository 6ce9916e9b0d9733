"""GET /reports/revenue"""

from invoicing.aws.grants import Grant
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.reports.requests import RevenueQuery
from invoicing.reports.revenue import Revenue
from invoicing.reports.sums import page_of_revenue


@endpoint("GET", "/reports/revenue", scope="report:read", grants=[Grant.READ], memory=1769)
def handler(query: RevenueQuery, request: Request) -> Page[Revenue]:
    """List the revenue by period, customer, country or currency.

    Invoices less their credits, cash discounts and write-offs, each on its own date. A change is shown some seconds
    after it was made. At most 150,000 changes are added up; choose fewer days for more.
    """
    return page_of_revenue(request, query)
