"""Keys of the one table: how they are made, and its indexes.

A noun's `table.py` builds the keys of its items from these functions. The tenant comes first in each partition key;
only API keys, download links and the list of tenants are looked up before a tenant is known. Ids have a fixed length,
so no key is a prefix of another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

PARTITION = "PK"
SORT = "SK"
PURGE_AT = "purge_at"
HEAD = "#"
ASIDE = "#ASIDE"
BODY = "#BODY#"
ACTIVITY = "ACT#"
STORED_RESPONSE = "IDEM#"
OUTBOX_SHARDS = 8


class Index(NamedTuple):
    """A global secondary index of the table."""

    partition: str
    sort: str
    projection: Literal["ALL", "KEYS_ONLY"] = "ALL"


# Only small heads carry index keys, so ALL projects just the attributes that lists show.
INDEXES = {
    "GSI1": Index("GSI1PK", "GSI1SK"),
    "GSI2": Index("GSI2PK", "GSI2SK"),
    "GSI3": Index("GSI3PK", "GSI3SK"),
    "GSI4": Index("GSI4PK", "GSI4SK"),
    "GSI5": Index("GSI5PK", "GSI5SK", "KEYS_ONLY"),
    "GSI6": Index("GSI6PK", "GSI6SK"),
    "GSI7": Index("GSI7PK", "GSI7SK", "KEYS_ONLY"),
}
Item = dict[str, Any]
"""An item of the table in DynamoDB's JSON: each value in an object that names its type."""


class Key(NamedTuple):
    """The address of one item."""

    partition: str
    sort: str = HEAD

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Key":
        """The key of an item."""
        return cls(item[PARTITION]["S"], item[SORT]["S"])

    def at(self, sort: str) -> "Key":
        """Another item of the same partition."""
        return Key(self.partition, sort)

    @property
    def address(self) -> Item:
        """The key in DynamoDB's JSON."""
        return {PARTITION: {"S": self.partition}, SORT: {"S": self.sort}}


@dataclass(frozen=True)
class IndexPartition:
    """A partition of an index (None: of the table itself): one list."""

    index: str | None
    partition: str


OUTBOX_REFUSED = IndexPartition("GSI7", "OUTBOX#ASIDE")
"""Events that the bus refuses permanently. Only the operator reads them."""


def of(tenant: str, *parts: object, sort: str = HEAD) -> Key:
    """The key of an object of a tenant."""
    return Key("#".join(("T", tenant, *map(str, parts))), sort)


def index_of(tenant: str, index: str, *parts: object) -> IndexPartition:
    """A partition of an index with objects of a tenant."""
    return IndexPartition(index, of(tenant, *parts).partition)


def of_tenant(tenant: str, kind: str) -> IndexPartition:
    """All objects of a kind."""
    return index_of(tenant, "GSI1", kind)


def of_customer(tenant: str, customer_id: str, kind: str) -> IndexPartition:
    """All objects of a kind that belong to a customer."""
    return index_of(tenant, "GSI2", "CUS", customer_id, kind)


def of_creator(tenant: str, user_id: str, kind: str) -> IndexPartition:
    """All objects of a kind that a user created."""
    return index_of(tenant, "GSI3", "USER", user_id, kind)


def of_owner(tenant: str, user_id: str, kind: str) -> IndexPartition:
    """All objects of a kind that belong to the customers that a user owns."""
    return index_of(tenant, "GSI4", "OWNER", user_id, kind)


def unique(tenant: str, noun: str, field: str, value: str) -> Key:
    """The one resource of its kind that has this value; e-mail addresses are compared without case."""
    return of(tenant, "ONE", noun, field, value.lower() if field == "email" else value)


def idempotency(tenant: str, digest: str) -> Key:
    """The stored response to a request with an Idempotency-Key."""
    return of(tenant, "IDEM", digest, sort="#00")


def responses_about(tenant: str, customer_id: str) -> Key:
    """The partition with pointers to the stored responses that contain a customer's personal data."""
    return of(tenant, "CUS", customer_id, sort=STORED_RESPONSE)


def outbox(shard: int) -> IndexPartition:
    """Events that are not yet on the bus."""
    return IndexPartition("GSI7", f"OUTBOX#{shard}")


def outbox_shard(activity_id: str) -> int:
    """The shard of an event: spread by the last, random character of its id."""
    return ord(activity_id[-1]) % OUTBOX_SHARDS
