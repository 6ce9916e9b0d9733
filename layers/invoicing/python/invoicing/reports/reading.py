"""The changes that reports read: the last ones of open documents, and all since a moment, by customer and currency."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from typing import NamedTuple
from zoneinfo import ZoneInfo

from invoicing.core.errors import Invalid
from invoicing.core.model import LAST_DAY
from invoicing.http.request import Request
from invoicing.reports.balance import BalanceChange
from invoicing.reports.table import changes_in, months_since, open_documents
from invoicing.store.listing import KeyRange, items_from
from invoicing.store.rows.items import model_of
from invoicing.tenants.model import Tenant

_CHANGES_A_CALL = 1_000


class ReadChange(NamedTuple):
    """A change that was read. It is the last one of an open document, one since the moment, or neither."""

    change: BalanceChange
    is_last: bool = False
    is_since: bool = False


class ChangeRange(NamedTuple):
    """The part of the changes that a report reads: its bounds, and the moment since which changes are read."""

    low: str | None
    high: str | None
    descending: bool
    since: datetime


def end_of(day: date, time_zone: str) -> datetime:
    """The end of a tenant's day, in UTC."""
    following = min(day, LAST_DAY) + timedelta(days=1)
    return datetime.combine(following, time(), ZoneInfo(time_zone)).astimezone(UTC)


def since_end_of(day: date, tenant: Tenant) -> datetime:
    """The moment since which changes are read for the end of a tenant's day. None is older than the tenant."""
    return max(end_of(day, tenant.time_zone), tenant.created_at)


def require_not_future(request: Request, day: date, pointer: str) -> None:
    """Refuse a day after today."""
    if day > request.moment.today:
        raise Invalid("The date cannot be in the future.", pointer=pointer)


def require_order(first: date, last: date) -> None:
    """Refuse a first day after the last one."""
    if first > last:
        raise Invalid("The first day is after the last one.", pointer="?from")


def changes_since(request: Request, part: ChangeRange) -> Iterator[ReadChange]:
    """The last changes of open documents and all changes since, in the order of their groups.

    Earlier changes of the first month are included, so that each change read is also returned.
    """
    tenant = request.caller.tenant_id
    last = _read(open_documents(tenant, part.low, part.high), part, is_last=True)
    since = (
        _read(changes_in(tenant, month, part.low, part.high), part, is_last=False)
        for month in months_since(part.since, request.now)
    )
    return merge(last, *since, key=lambda one: one.change.group, reverse=part.descending)


def _read(key_range: KeyRange, part: ChangeRange, *, is_last: bool) -> Iterator[ReadChange]:
    if key_range.is_empty:
        return
    for item in items_from(key_range, descending=part.descending, page=_CHANGES_A_CALL):
        change = model_of(BalanceChange, item, shows=True)
        yield ReadChange(change, is_last, is_since=not is_last and change.at >= part.since)
