"""Pages of open items, from the open documents and the changes since a date."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from invoicing.core.page import Page
from invoicing.http.request import Request
from invoicing.reports.balance import as_of
from invoicing.reports.customers import named, with_last_payment
from invoicing.reports.model import OpenItems, open_items
from invoicing.reports.reading import ChangeRange, ReadChange, changes_since, end_of, require_not_future, since_end_of
from invoicing.reports.requests import OpenItemsQuery
from invoicing.reports.table import bounds_after, bounds_of
from invoicing.store.listing import cursor_at, start_of
from invoicing.tenants.table import tenant_of

MOST_CHANGES = 20_000
"""How many changes one page reads at most, then it ends with its last whole customer: about ten megabytes."""


def page_of_open_items(request: Request, query: OpenItemsQuery) -> Page[OpenItems]:
    """One page of open items, customer by customer.

    Past dates are answered from the documents that are open now and the changes since then.
    """
    tenant = tenant_of(request.store)
    day = query.as_of or request.moment.today
    require_not_future(request, day, "?as_of")
    bound_to = [request.caller.tenant_id, request.operation]
    since = since_end_of(day, tenant)
    part = _part_of(query, start_of(query, bound_to), since)
    found: list[OpenItems] = []
    read, last = 0, None
    for group, changes in groupby(changes_since(request, part), key=lambda one: one.change.group):
        if len(found) == query.limit or read >= MOST_CHANGES:
            break
        of_group = list(changes)
        read += len(of_group)
        last = group
        row = _row(query, of_group, day)
        if row is not None:
            found.append(row)
    else:
        last = None
    next_cursor = cursor_at(last, query, bound_to) if last else None
    end = end_of(day, tenant.time_zone)
    found = [with_last_payment(row, tenant.id, day, end) for row in found]
    return Page(data=tuple(named(request, found)), has_more=last is not None, next_cursor=next_cursor)


def _row(query: OpenItemsQuery, changes: Sequence[ReadChange], day: date) -> OpenItems | None:
    currency = changes[0].change.currency
    if query.currency not in (None, currency):
        return None
    last = (one.change for one in changes if one.is_last)
    since = (one.change for one in changes if one.is_since)
    return open_items(as_of(last, since), day, currency=currency, listed=query.customer_id is not None)


def _part_of(query: OpenItemsQuery, after: str | None, since: datetime) -> ChangeRange:
    """The rest of the groups after the last one of a page."""
    descending = query.order == "desc"
    low, high = bounds_of(query.customer_id) if query.customer_id is not None else (None, None)
    if after is not None:
        low, high = bounds_after(after, low, high, descending=descending)
    return ChangeRange(low, high, descending, since)
