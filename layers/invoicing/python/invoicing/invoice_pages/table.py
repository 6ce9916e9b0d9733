"""How links to invoice pages are stored: found by the hash of their token, the day of the last view beside them."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.table import TokenTable
from invoicing.invoice_pages.model import LONGEST_SECONDS, PageLink
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.reading import items_at
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.transaction import Write, update

_VIEWED, _LAST_DAY = "VIEWED", "last_day"


class PageTable(TokenTable[PageLink]):
    """`PAGE#<sha256>`, SK `#`, its last view at SK `VIEWED`; found by its id through `PAGE#<link>` of the document."""

    kind = PageLink
    missing = LinkNotFound
    prefix = "PAGE#"


class FoundPage(NamedTuple):
    """A page link found by its token: its tenant, and the last day with a view in the timeline."""

    tenant_id: str
    link: PageLink
    viewed_on: str | None


class ViewedToday(Exception):
    """The timeline has a view of this page on this day already."""


def page_at(store: Store, digest: str) -> FoundPage:
    """The page link of a token, and the tenant it belongs to."""
    key = PageTable().key("", digest)
    found = items_at([key, key.at(_VIEWED)])
    item = found.get(key)
    if item is None:
        raise LinkNotFound
    viewed = found.get(key.at(_VIEWED)) or {}
    return FoundPage(item["tenant_id"]["S"], store.take(PageLink, item), viewed.get(_LAST_DAY, {}).get("S"))


def viewed_on(digest: str, day: date) -> Also:
    """Note that the timeline has a view of this day. Only one writer of a day succeeds."""

    def writes(session: Session) -> Iterator[Write]:
        yield update(
            PageTable().key("", digest).at(_VIEWED),
            lambda _: ViewedToday(),
            UpdateExpression=f"SET {keys.PURGE_AT} = :purge_at, {_LAST_DAY} = :day",
            ConditionExpression=f"attribute_not_exists({_LAST_DAY}) OR {_LAST_DAY} < :day",
            ExpressionAttributeValues={
                ":purge_at": {"N": str(int(session.now.timestamp()) + LONGEST_SECONDS)},
                ":day": {"S": day.isoformat()},
            },
        )

    return writes
