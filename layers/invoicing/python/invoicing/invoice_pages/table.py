"""How links to invoice pages are stored: found by the hash of their token, the day of the last view beside them."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from invoicing.core.model import instant_text
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.table import TokenTable
from invoicing.invoice_pages.errors import CommentLimitReached, RenewalLimitReached
from invoicing.invoice_pages.model import (
    LONGEST_SECONDS,
    MOST_COMMENTS_A_DAY,
    MOST_RENEWALS_A_DAY,
    RENEWAL_PAUSE,
    PageLink,
)
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.reading import items_at
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.transaction import Write, update

_COMMENTS, _LAST_TEXT = "COMMENTS#", "last_text"
_RENEWALS = "RENEWALS#"
_VIEWED, _LAST_DAY = "VIEWED", "last_day"
_COUNTED = timedelta(days=2)


class PageTable(TokenTable[PageLink]):
    """`PAGE#<sha256>`, SK `#`; found by its id through `PAGE#<link>` of the document.

    Its last view is at SK `VIEWED`, the numbers of comments and renewals of a day at SK `COMMENTS#<day>`,
    `RENEWALS#<day>`.
    """

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


class CommentedAlready(Exception):
    """The last comment through this link has the same text: its form was sent twice."""


def commented(digest: str, day: date, text: str) -> Also:
    """Count a comment of a day. Refuses a repetition of the last one, and more than the limit."""
    last_text = hashlib.sha256(text.encode()).hexdigest()

    def refusal(there: Mapping[str, Any] | None) -> Exception:
        repeated = there is not None and there.get(_LAST_TEXT, {}).get("S") == last_text
        return CommentedAlready() if repeated else CommentLimitReached(pointer="/comment")

    def writes(session: Session) -> Iterator[Write]:
        yield update(
            PageTable().key("", digest).at(_COMMENTS + day.isoformat()),
            refusal,
            rank=1,
            UpdateExpression=f"SET {keys.PURGE_AT} = :purge_at, {_LAST_TEXT} = :text ADD comments :one",
            ConditionExpression=f"attribute_not_exists(comments) OR (comments < :most AND {_LAST_TEXT} <> :text)",
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":most": {"N": str(MOST_COMMENTS_A_DAY)},
                ":text": {"S": last_text},
                ":purge_at": {"N": str(int((session.now + _COUNTED).timestamp()))},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    return writes


def renewed(digest: str, day: date) -> Also:
    """Count a mail with a new link. Refuses more than the limit of a day, and one shortly after another."""

    def writes(session: Session) -> Iterator[Write]:
        yield update(
            PageTable().key("", digest).at(_RENEWALS + day.isoformat()),
            lambda _: RenewalLimitReached(),
            rank=1,
            UpdateExpression=f"SET {keys.PURGE_AT} = :purge_at, renewed_at = :now ADD renewals :one",
            ConditionExpression="attribute_not_exists(renewals) OR (renewals < :most AND renewed_at < :before)",
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":most": {"N": str(MOST_RENEWALS_A_DAY)},
                ":now": {"S": instant_text(session.now)},
                ":before": {"S": instant_text(session.now - RENEWAL_PAUSE)},
                ":purge_at": {"N": str(int((session.now + _COUNTED).timestamp()))},
            },
        )

    return writes
