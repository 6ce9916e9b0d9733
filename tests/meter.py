"""DynamoDB's capacity units, counted from the items before and after each call."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from infra.costs import Units
from invoicing.store.keys import INDEXES
from tests.aws import TABLE, AwsCalls
from tests.aws_events import Listener, boto
from tests.aws_limits import size

Item = Mapping[str, Any]


def written(before: Item | None, after: Item | None, *, times: int) -> int:
    """The write units of one item: the table's, doubled in a transaction, and each index's."""

    def units(*items: Item | None) -> int:
        # A delete of a missing item uses a unit too.
        return max((math.ceil(size(item) / 1024) for item in items if item), default=1)

    total = times * units(before, after)
    for name in INDEXES:
        old, new = projected(name, before), projected(name, after)
        moved = bool(old and new) and any(old[key] != new[key] for key in INDEXES[name][:2])
        if old != new:
            total += units(old) + units(new) if moved else units(old, new)
    return total


def projected(name: str, item: Item | None) -> dict[str, Any]:
    """An item as an index contains it; empty if it does not."""
    index = INDEXES[name]
    if not item or index.partition not in item:
        return {}
    only = {index.partition, index.sort, "PK", "SK"}
    return {key: value for key, value in item.items() if index.projection == "ALL" or key in only}


def read(items: list[Any], *, consistent: bool, each: bool = False) -> Decimal:
    """The read units of items that were read, together or (in a batch) separately."""
    blocks = sum(math.ceil(size(item) / 4096) for item in items) if each else math.ceil(sum(map(size, items)) / 4096)
    return max(blocks, 1) * (Decimal(1) if consistent else Decimal("0.5"))


@dataclass
class Meter(Listener):
    """DynamoDB's units by the function that used them, from the items before and after each call."""

    calls: AwsCalls
    used: dict[str, list[Decimal]] = field(default_factory=dict)
    _before: list[Item | None] = field(default_factory=list)

    def add(self, *, writes: int = 0, reads: Decimal = Decimal(0)) -> None:
        """Count for the running function. Calls of the test itself are not counted."""
        if self.calls.asking is not None:
            units = self.used.setdefault(self.calls.asking, [Decimal(0), Decimal(0)])
            units[0] += writes
            units[1] += reads

    def taken(self) -> dict[str, Units]:
        """The usage since the last call."""
        taken = {name: Units(int(writes), reads) for name, (writes, reads) in self.used.items()}
        self.used.clear()
        return taken

    def before(self, name: str, params: Item) -> None:
        """Read the items that a call writes."""
        self._before = [_now(key) for key, _ in _written(name.partition(":")[2], params)]

    def after(self, name: str, params: Item, answer: Any) -> None:
        """Count the units of the call."""
        operation = name.partition(":")[2]
        if answer is None or "Error" in answer:
            return
        for (key, kind), old in zip(_written(operation, params), self._before, strict=True):
            new = old if kind == "ConditionCheck" else _now(key)
            self.add(writes=written(old, new, times=2 if operation == "TransactWriteItems" else 1))
        consistent = bool(params.get("ConsistentRead"))
        if operation == "GetItem":
            self.add(reads=read([answer.get("Item", {})], consistent=consistent))
        elif operation == "Query":
            self.add(reads=read(_scanned(params, answer), consistent=consistent))
        elif operation == "BatchGetItem":
            self.add(reads=read(answer["Responses"][TABLE], consistent=True, each=True))


def _now(key: Item) -> Item | None:
    return boto("dynamodb").get_item(TableName=TABLE, Key=key).get("Item")  # type: ignore[no-any-return]


def _written(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[Item, str]]:
    if operation == "TransactWriteItems":
        for kind, write in ((kind, write) for one in params["TransactItems"] for kind, write in one.items()):
            yield write.get("Key") or {name: write["Item"][name] for name in ("PK", "SK")}, kind
    elif operation in {"UpdateItem", "DeleteItem", "PutItem"}:
        yield params.get("Key") or {name: params["Item"][name] for name in ("PK", "SK")}, operation


def _scanned(params: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Any]:
    """The items that a query read, those included that its filter left out."""
    if answer["ScannedCount"] == answer["Count"] and "Select" not in params and "ProjectionExpression" not in params:
        return list(answer["Items"])
    left_out = {"FilterExpression", "Select", "ProjectionExpression"}
    asked = {name: value for name, value in params.items() if name not in left_out}
    words = asked["KeyConditionExpression"].replace("(", " ").replace(")", " ").replace(",", " ").split()
    for name in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        if name in asked:
            asked[name] = {key: value for key, value in asked[name].items() if key in words}
    found = boto("dynamodb").query(**{name: value for name, value in asked.items() if value})
    return list(found["Items"][: answer["ScannedCount"]])
