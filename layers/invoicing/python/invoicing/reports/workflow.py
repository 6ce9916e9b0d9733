"""Pages of open items, from the open documents and the changes since a date."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from invoicing.core.errors import Invalid
from invoicing.core.model import LAST_DAY
from invoicing.core.page import Page
from invoicing.customers.model import Customer
from invoicing.customers.table import CustomerTable
from invoicing.http.request import Request
from invoicing.reports.balance import BalanceChange, as_of
from invoicing.reports.model import OpenItems, open_items
from invoicing.reports.requests import OpenItemsQuery
from invoicing.reports.table import changes_in, months_since, open_documents
from invoicing.store.listing import KeyRange, cursor_at, items_from, start_of
from invoicing.store.reading import items_at
from invoicing.store.rows.items import model_of
from invoicing.tenants.table import tenant_of

MOST_CHANGES = 20_000
"""How many changes one page reads at most, then it ends with its last whole customer: about ten megabytes."""
_CHANGES_A_CALL = 1_000


class _Read(NamedTuple):
    """A change that was read, and whether it is the last one of an open document or one since the moment."""

    change: BalanceChange
    is_last: bool


class _Part(NamedTuple):
    """The part of the changes that a page reads: its bounds, and from where on the changes count as later."""

    low: str | None
    high: str | None
    descending: bool
    since: datetime


def page_of_open_items(request: Request, query: OpenItemsQuery) -> Page[OpenItems]:
    """One page of open items, customer by customer.

    Past dates are answered from the documents that are open now and the changes since then.
    """
    tenant = tenant_of(request.store)
    today = request.moment.today
    day = query.as_of or today
    if day > today:
        raise Invalid("The date cannot be in the future.", pointer="?as_of")
    bound_to = [request.caller.tenant_id, request.operation]
    since = max(_end_of(day, tenant.time_zone), tenant.created_at)
    part = _part_of(query, start_of(query, bound_to), since)
    found: list[OpenItems] = []
    read, last = 0, None
    for group, changes in groupby(_changes(request, part), key=lambda one: one.change.group):
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
    return Page(data=tuple(_named(request, found)), has_more=last is not None, next_cursor=next_cursor)


def _row(query: OpenItemsQuery, changes: Sequence[_Read], day: date) -> OpenItems | None:
    currency = changes[0].change.currency
    if query.currency not in (None, currency):
        return None
    last = (one.change for one in changes if one.is_last)
    since = (one.change for one in changes if not one.is_last)
    return open_items(as_of(last, since), day, currency=currency, listed=query.customer_id is not None)


def _part_of(query: OpenItemsQuery, after: str | None, since: datetime) -> _Part:
    """The rest of the groups after the last one of a page."""
    descending = query.order == "desc"
    low = high = None
    if query.customer_id is not None:
        low, high = f"{query.customer_id}#", f"{query.customer_id}#~"
    if after is not None and descending:
        high = f"{after}#"
    elif after is not None:
        low = f"{after}#~"
    return _Part(low, high, descending, since)


def _end_of(day: date, time_zone: str) -> datetime:
    """The end of a tenant's day, in UTC."""
    following = min(day, LAST_DAY) + timedelta(days=1)
    return datetime.combine(following, time(), ZoneInfo(time_zone)).astimezone(UTC)


def _changes(request: Request, part: _Part) -> Iterator[_Read]:
    """The last changes of open documents and all changes since, in the order of their groups."""
    tenant = request.caller.tenant_id
    last = _read(open_documents(tenant, part.low, part.high), part, is_last=True)
    since = (
        _read(changes_in(tenant, month, part.low, part.high), part, is_last=False)
        for month in months_since(part.since, request.now)
    )
    return merge(last, *since, key=lambda one: one.change.group, reverse=part.descending)


def _read(key_range: KeyRange, part: _Part, *, is_last: bool) -> Iterator[_Read]:
    if key_range.is_empty:
        return
    for item in items_from(key_range, descending=part.descending, page=_CHANGES_A_CALL):
        change = model_of(BalanceChange, item, shows=True)
        if is_last or change.at >= part.since:
            yield _Read(change, is_last)


def _named(request: Request, found: Sequence[OpenItems]) -> Iterator[OpenItems]:
    """The rows with the present names of their customers."""
    key_of = CustomerTable().key
    ids = {one.customer_id for one in found if one.customer_id is not None}
    items = items_at([key_of(request.caller.tenant_id, id_) for id_ in sorted(ids)])
    names = {one.id: one.name for one in (request.store.take(Customer, item) for item in items.values())}
    return (one.model_copy(update={"customer_name": names.get(one.customer_id or "")}) for one in found)
