"""Optimistic locking of stored rows.

A row has two counters. `version` counts the changes that clients compare (ETag, If-Match) and is part of the model.
`revision` counts every write, including those by which the service adds something to a document, and never leaves the
table. A write replaces only the revision that was read, so that neither kind of change overwrites the other.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from invoicing.store.keys import Item

REVISION = "revision"


class Row(NamedTuple):
    """The counters of a row when it was read. Rows written before December 2026 have no revision (None)."""

    version: int
    revision: int | None

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        """The counters of an item."""
        revision = item.get(REVISION)
        return cls(int(item["version"]["N"]), int(revision["N"]) if revision else None)

    @property
    def next_revision(self) -> int:
        """The revision of the next write. It also names the content written with it, so it never goes back."""
        return (self.version if self.revision is None else self.revision) + 1

    def unchanged(self) -> dict[str, Any]:
        """The condition that the row is still the one that was read, as parameters of a DynamoDB write."""
        if self.revision is None:
            return {
                "ConditionExpression": f"attribute_not_exists({REVISION}) AND #version = :version",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":version": {"N": str(self.version)}},
            }
        return {
            "ConditionExpression": f"{REVISION} = :revision",
            "ExpressionAttributeValues": {":revision": {"N": str(self.revision)}},
        }


def next_revision(row: Row | None) -> int:
    """The revision of the next write of a row; None is a row that does not exist yet."""
    return row.next_revision if row else 1


def revised(item: Item, row: Row | None) -> Item:
    """An item under its next revision."""
    return item | {REVISION: {"N": str(next_revision(row))}}
