"""Pages of the reports that add up facts."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice

from invoicing.core.errors import Invalid
from invoicing.core.model import Value
from invoicing.core.page import ListQuery, Page
from invoicing.http.request import Request
from invoicing.pricing.tax import normal
from invoicing.reports.customers import named
from invoicing.reports.facts.model import Fact
from invoicing.reports.facts.table import facts_from, facts_supplied
from invoicing.reports.reading import require_order
from invoicing.reports.requests import FactsQuery, RevenueQuery, TaxQuery
from invoicing.reports.revenue import Revenue, RowKey, groups_of, revenue
from invoicing.reports.tax import ReportedTax, TaxFilter, taxes
from invoicing.store.listing import cursor_at, start_of
from invoicing.tenants.table import tenant_of

MOST_FACTS = 150_000
"""How many facts one report adds up at most: about 100 megabytes and 100 queries."""
MOST_YEARS = 10


def page_of_revenue(request: Request, query: RevenueQuery) -> Page[Revenue]:
    """One page of the revenue by group."""
    first, last = days_of(request, query)
    groups = groups_of(query.group_by)
    if len(set(groups)) < len(groups):
        raise Invalid("A group can be named only once.", pointer="?group_by")
    by_supply = query.basis == "service"
    tenant = request.caller.tenant_id
    read = facts_supplied(tenant, first, last) if by_supply else facts_from(tenant, "issued", first, last)
    facts = (one for one in bounded(read) if query.country in (None, one.buyer_country) and _wanted(one, query))
    page = page_of_rows(request, query, list(revenue(facts, groups, by_supply=by_supply)))
    return page.model_copy(update={"data": tuple(named(request, page.data))})


def page_of_taxes(request: Request, query: TaxQuery) -> Page[ReportedTax]:
    """One page of the tax by country, category and rate."""
    first, last = days_of(request, query)
    read = bounded(facts_from(request.caller.tenant_id, query.basis, first, last))
    rate = None if query.rate is None else normal(query.rate)
    wanted = TaxFilter(query.group_by, query.country, query.category, rate, query.vat_id)
    return page_of_rows(request, query, list(taxes((one for one in read if _wanted(one, query)), wanted)))


def days_of(request: Request, query: FactsQuery) -> tuple[date, date]:
    """The first and the last day of a report."""
    last = query.last or tenant_of(request.store).today(request.now)
    first = query.first or last.replace(day=1)
    require_order(first, last)
    if last.year - first.year > MOST_YEARS:
        raise Invalid(f"A report has at most {MOST_YEARS} years.", pointer="?from")
    return first, last


def bounded(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The facts; refuses more than one report adds up."""
    facts = iter(facts)
    yield from islice(facts, MOST_FACTS)
    if next(facts, None) is not None:
        raise Invalid(f"There are more than {MOST_FACTS} changes on these days; choose fewer.", pointer="?from")


def page_of_rows[R: Value](request: Request, query: ListQuery, rows: Sequence[tuple[RowKey, R]]) -> Page[R]:
    """One page of the rows, which are in the order of their keys."""
    bound_to = [request.caller.tenant_id, request.operation]
    after = start_of(query, bound_to)
    descending = query.order == "desc"
    in_order = list(reversed(rows)) if descending else list(rows)
    if after is not None:
        start = tuple(after)
        in_order = [one for one in in_order if (one[0] < start if descending else one[0] > start)]
    shown = in_order[: query.limit]
    has_more = len(in_order) > len(shown)
    next_cursor = cursor_at(shown[-1][0], query, bound_to) if has_more else None
    return Page(data=tuple(row for _, row in shown), has_more=has_more, next_cursor=next_cursor)


def _wanted(fact: Fact, query: FactsQuery) -> bool:
    return query.currency in (None, fact.currency) and query.customer_id in (None, fact.customer_id)
