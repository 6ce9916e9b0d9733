"""Download links: found by the hash of their token. Uses are counted beside them, so that none hinders another."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, cast

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import ClientError, is_conflict
from invoicing.core.errors import ConcurrentModification
from invoicing.store import keys, records
from invoicing.store.keys import Item, Key
from invoicing.store.revisions import revised
from invoicing.store.stored import kept
from invoicing.store.transaction import Write, changed_meanwhile, put, replace, write_alone

if TYPE_CHECKING:
    from invoicing.downloads.model import DownloadLink
    from invoicing.store.commit import Session

_LONGEST_SECONDS = 7 * 86_400
_KEPT_SECONDS = 30 * 86_400
"""How long an expired link stays, so that it answers 410 and not 404."""


class FoundLink(NamedTuple):
    """A link as its token finds it: whose it is, and the last hour that tells of its use."""

    tenant_id: str
    link: "DownloadLink"
    told: str | None


class ToldThisHour(Exception):
    """A use of this link in this hour stands in the timeline."""


def link_writes(link: "DownloadLink", digest: str, session: "Session", table: str) -> Iterator[Write]:
    """A link as its token finds it, and for a new one the way from its id to it."""
    tenant = session.caller.tenant_id
    opened, named = _items(link, tenant, digest)
    stored, row = session.stored.get(Key.of(opened)), session.row_of(link)
    if stored is not None:
        opened = kept(opened, stored, _items(cast("DownloadLink", stored.thing), tenant, digest)[0], link)
    yield replace(table, opened, row)
    if row is None:
        yield put(table, named, changed_meanwhile)


def put_link(link: "DownloadLink", tenant: str, digest: str) -> None:
    """Let a new link work from now on without an entry in a timeline: the caller records it later, or drops it."""
    opened, named = _items(link.model_copy(update={"version": 1}), tenant, digest)
    for item in (revised(opened, None), named):
        client("dynamodb").put_item(TableName=config.setting("TABLE_NAME"), Item=item)


def _items(link: "DownloadLink", tenant: str, digest: str) -> tuple[Item, Item]:
    opened, named = records.link_items(link, tenant, digest)
    opened[keys.PURGE_AT] = named[keys.PURGE_AT] = {"N": str(int(link.expires_at.timestamp()) + _KEPT_SECONDS)}
    return opened, named


def rewrite_link(link: "DownloadLink", digest: str, session: "Session") -> None:
    """Put a link's next state in its place without an entry in a timeline."""
    write, *_ = link_writes(link, digest, session, config.setting("TABLE_NAME"))
    write_alone(write)


def hour(now: datetime) -> str:
    """The hour of UTC that a use falls into."""
    return now.strftime("%Y-%m-%dT%H")


def told_use(digest: str, now: datetime, table: str) -> Write:
    """Count a use that the timeline tells of, which is one an hour. The count goes after the link."""
    key = keys.link(digest).at(keys.USES)
    purge_at = int(now.timestamp()) + _LONGEST_SECONDS + _KEPT_SECONDS
    return Write(
        {
            "Update": {
                "TableName": table,
                "Key": key.address,
                "UpdateExpression": f"SET {keys.PURGE_AT} = :purge_at, told = :hour ADD uses :one",
                "ConditionExpression": "attribute_not_exists(told) OR told < :hour",
                "ExpressionAttributeValues": {
                    ":one": {"N": "1"},
                    ":purge_at": {"N": str(purge_at)},
                    ":hour": {"S": hour(now)},
                },
            }
        },
        lambda _: ToldThisHour(),
    )


def count_use(digest: str) -> None:
    """Count a use of which the timeline tells already. It may count one too many where an answer was lost."""
    key = keys.link(digest).at(keys.USES)
    try:
        client("dynamodb").update_item(
            TableName=config.setting("TABLE_NAME"),
            Key=key.address,
            UpdateExpression="ADD uses :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
    except ClientError as error:
        if is_conflict(error):
            raise ConcurrentModification from None
        raise
