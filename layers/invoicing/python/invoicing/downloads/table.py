"""How download links are stored: found by the hash of their token, with their uses counted beside them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import ClassVar, NamedTuple, cast

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import ClientError, is_conflict
from invoicing.core.errors import ConcurrentModification
from invoicing.core.model import Value, secret_fields
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.model import DownloadLink, FileLink, TokenLink
from invoicing.invoices.table import invoice_key
from invoicing.store import keys
from invoicing.store.changes import Also
from invoicing.store.commit import next_item
from invoicing.store.keys import Item, Key
from invoicing.store.reading import item_at, items_at, items_beginning
from invoicing.store.rows.items import filtered, keyed, model_of
from invoicing.store.rows.revisions import revised
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.store.table import Table, table_of
from invoicing.store.transaction import Write, changed_meanwhile, put, replace, update, write_alone

_USES = "USES"
_RECORDED_HOUR = "told"
"""The attribute with the last hour whose use the timeline has. Stored rows have this name, so it stays."""
_LONGEST_SECONDS = 7 * 86_400
_KEPT_SECONDS = 30 * 86_400
"""How long an expired link is stored, so that its response is 410 and not 404."""


class TokenTable[L: TokenLink](Table[L]):
    """Links by the hash of their token. A row of their owner, which is a document if nothing else, has their id."""

    prefix: ClassVar[str]
    """The beginning of the partition of a link, and of the sort key by which its owner finds it."""
    owner: ClassVar[str] = "invoice_id"
    """The field with the owner's id."""
    ids = ("digest",)

    def key(self, tenant: str, *ids: str) -> Key:  # noqa: ARG002 — a token is looked up before its tenant is known
        """The key of a link, from the digest of its token."""
        [digest] = ids
        return Key(f"{self.prefix}{digest}")

    def text(self, thing: L) -> str:
        """Its JSON without the URL."""
        return thing.model_dump_json(exclude=set(secret_fields(type(thing))))

    def attributes(self, thing: L, tenant: str) -> Item:
        """Its tenant and owner, and the time of its deletion."""
        return {"tenant_id": {"S": tenant}, **filtered(thing, self.owner), **_purged(thing)}

    def owner_key(self, tenant: str, owner_id: str) -> Key:
        """The key of the owner of links."""
        return invoice_key(tenant, owner_id)

    def read[V: Value](self, model: type[V], item: Item, text: str | None = None, *, shows: bool = False) -> V:
        """The link with the digest by which it was found."""
        digest = Key.of(item).partition.removeprefix(self.prefix)
        return model_of(model, item, text, shows=shows).model_copy(update={"digest": digest})

    def beside(self, before: L | None, after: L | None, session: Session) -> Iterator[Write]:
        """A new link is also found by its id."""
        if before is None and after is not None:
            yield put(self.named(after, session.caller.tenant_id), changed_meanwhile)

    def named(self, link: L, tenant: str) -> Item:
        """The row of the owner that finds a link by its id."""
        key = self.owner_key(tenant, getattr(link, self.owner)).at(self.prefix + link.id)
        return keyed(key, f"{self.entity()}_id") | {"digest": {"S": link.digest}, **_purged(link)}

    def found(self, store: Store, digest: str) -> L:
        """The link of a token."""
        item = item_at(self.key("", digest))
        if item is None:
            raise self.missing
        return cast("L", store.take(self.kind, item))

    def digest_of(self, store: Store, owner_id: str, link_id: str) -> str:
        """The digest of a link's token, from its id."""
        item = item_at(self.owner_key(store.tenant_id, owner_id).at(self.prefix + link_id))
        if item is None:
            raise self.missing
        digest: str = item["digest"]["S"]
        return digest

    def digests(self, store: Store, owner_id: str) -> list[str]:
        """The digests of the tokens of all links of an owner."""
        rows = items_beginning(self.owner_key(store.tenant_id, owner_id), self.prefix)
        return [row["digest"]["S"] for row in rows]


class LinkTable(TokenTable[DownloadLink]):
    """`LINK#<sha256>`, SK `#`, its uses under SK `USES`; found by its id through `LINK#<link>` of the document."""

    kind = DownloadLink
    missing = LinkNotFound
    prefix = "LINK#"


class FoundLink(NamedTuple):
    """A link found by its token: its tenant, and the last hour with a use in the timeline."""

    tenant_id: str
    link: FileLink
    recorded_hour: str | None


class RecordedThisHour(Exception):
    """The timeline has a use of this link in this hour already."""


def _of_documents(_: str) -> type[FileLink]:
    return DownloadLink


def link_at(store: Store, digest: str, kind_of: Callable[[str], type[FileLink]] = _of_documents) -> FoundLink:
    """A link to a file with the number of its uses, and the tenant it belongs to.

    `kind_of` gives the class of a link by the entity in its row.
    """
    key = LinkTable().key("", digest)
    found = items_at([key, key.at(_USES)])
    item = found.get(key)
    if item is None:
        raise LinkNotFound
    used = found.get(key.at(_USES)) or {"uses": {"N": "0"}}
    link = store.take(kind_of(item["entity"]["S"]), item).model_copy(update={"uses": int(used["uses"]["N"])})
    return FoundLink(item["tenant_id"]["S"], link, used.get(_RECORDED_HOUR, {}).get("S"))


def link_writes(link: TokenLink, session: Session) -> Iterator[Write]:
    """The writes of a new link in a transaction without a timeline. Only that transaction knows its token."""
    stored = link.model_copy(update={"version": 1})
    table = cast("TokenTable[TokenLink]", table_of(type(link)))
    yield put(revised(table.item(stored, session.caller.tenant_id), None), changed_meanwhile, proof=True)
    yield from table.beside(None, stored, session)


def rewrite_link(link: TokenLink, session: Session) -> None:
    """Replace a link by its next state without an entry in a timeline."""
    write_alone(replace(next_item(link, session), session.row_of(link)))


def hour(now: datetime) -> str:
    """The hour of UTC that a use falls into."""
    return now.strftime("%Y-%m-%dT%H")


def recorded_use(digest: str) -> Also:
    """Count a use that the timeline records, which is one an hour."""

    def writes(session: Session) -> Iterator[Write]:
        purge_at = int(session.now.timestamp()) + _LONGEST_SECONDS + _KEPT_SECONDS
        yield update(
            LinkTable().key("", digest).at(_USES),
            lambda _: RecordedThisHour(),
            UpdateExpression=f"SET {keys.PURGE_AT} = :purge_at, {_RECORDED_HOUR} = :hour ADD uses :one",
            ConditionExpression=f"attribute_not_exists({_RECORDED_HOUR}) OR {_RECORDED_HOUR} < :hour",
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":purge_at": {"N": str(purge_at)},
                ":hour": {"S": hour(session.now)},
            },
        )

    return writes


def count_use(digest: str) -> None:
    """Count a use that the timeline has recorded already. It may count one too many if a response was lost."""
    key = LinkTable().key("", digest).at(_USES)
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


def _purged(link: TokenLink) -> Item:
    return {keys.PURGE_AT: {"N": str(int(link.expires_at.timestamp()) + _KEPT_SECONDS)}}
