"""Reads of index partitions: whole, up to a day, or a page of several ranges with filters and a cursor."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.parameters import secret
from invoicing.core.model import Value
from invoicing.core.page import ListQuery, Page
from invoicing.store import cursor
from invoicing.store.keys import INDEXES, PARTITION, SORT, IndexPartition, Item, Key
from invoicing.store.reading import items_of, pages_of
from invoicing.store.rows.items import text
from invoicing.store.table import read_item


def items_in(partition: IndexPartition, *, newest_first: bool = False, **equal: str) -> Iterator[Item]:
    """The entries of an index partition that have these attributes."""
    name = partition.index or ""
    asked: dict[str, Any] = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": name,
        "KeyConditionExpression": f"{INDEXES[name].partition} = :partition",
        "ScanIndexForward": not newest_first,
        "ExpressionAttributeValues": {":partition": {"S": partition.partition}}
        | {f":{attribute}": {"S": value} for attribute, value in equal.items()},
    }
    if equal:
        asked["FilterExpression"] = " AND ".join(f"#{attribute} = :{attribute}" for attribute in equal)
        asked["ExpressionAttributeNames"] = {f"#{attribute}": attribute for attribute in equal}
    return items_of(asked)


def ids_before(partition: IndexPartition, bound: date | str) -> Iterator[str]:
    """The ids of the entries of an index partition before a day or a sort key; no other entry is read."""
    name = partition.index or ""
    index = INDEXES[name]
    asked = {
        "TableName": config.setting("TABLE_NAME"),
        "IndexName": name,
        "KeyConditionExpression": f"{index.partition} = :partition AND {index.sort} < :bound",
        "ExpressionAttributeValues": {":partition": {"S": partition.partition}, ":bound": {"S": text(bound)}},
    }
    return (item[index.sort]["S"].rpartition("#")[2] for item in items_of(asked))


EXAMINED = 500
"""How many entries one call reads to find matches of a filter. A page may be short although more pages follow."""
Operator = Literal["=", "<", ">=", "<=", "IN", "contains"]


class Condition(NamedTuple):
    """A condition for entries: an attribute compared with a value (for IN with several).

    `contains` matches a part of a text, or an entry of a set.
    """

    attribute: str
    operator: Operator
    value: str | bool | Sequence[str]


class Not(NamedTuple):
    """A condition that entries must not meet: all of these together."""

    conditions: tuple[Condition, ...]


Filter = Condition | Not


class KeyRange(NamedTuple):
    """A part of a list: the entries of a partition whose sort key is between two bounds, both included."""

    partition: IndexPartition
    low: str | None = None
    high: str | None = None

    @property
    def names(self) -> tuple[str, str]:
        """The attributes of its partition and sort key."""
        if self.partition.index is None:
            return PARTITION, SORT
        index = INDEXES[self.partition.index]
        return index.partition, index.sort

    @property
    def is_empty(self) -> bool:
        """Whether it ends before it begins. DynamoDB refuses such a range."""
        return self.low is not None and self.high is not None and self.low > self.high


class _Entry(NamedTuple):
    sort: str
    item: Item


class _Found(NamedTuple):
    entries: list[_Entry]
    horizon: str | None = None
    position: Mapping[str, Any] | None = None


def page_of[V: Value](
    model: type[V],
    ranges: Sequence[KeyRange],
    query: ListQuery,
    conditions: Sequence[Filter],
    *,
    bound_to: Sequence[Any],
) -> Page[V]:
    """One page of the entries of all ranges, in the order of their sort keys.

    The cursor is valid for this query and for `bound_to` (tenant and operation) only.
    """
    after = start_of(query, bound_to)
    descending = query.order == "desc"
    wanted = [] if query.is_empty else [key_range for key_range in ranges if not key_range.is_empty]
    found = [_ask(key_range, query.limit, conditions, after, descending=descending) for key_range in wanted]
    entries = _merged(found, descending=descending)
    shown = entries[: query.limit]
    position = _position(found, shown, more=len(entries) > query.limit, descending=descending)
    return Page(
        data=tuple(read_item(model, entry.item, shows=True) for entry in shown),
        has_more=position is not None,
        next_cursor=position and cursor_at(position, query, bound_to),
    )


def start_of(query: ListQuery, bound_to: Sequence[Any]) -> Any:
    """The position in a query's cursor; None for the first page."""
    if query.cursor is None:
        return None
    return json.loads(cursor.verify(query.cursor, bound_to=_good_for(query, bound_to), secret=_secret()))


def cursor_at(position: Any, query: ListQuery, bound_to: Sequence[Any]) -> str:
    """The cursor of the page that starts after a position."""
    return cursor.sign(json.dumps(position), bound_to=_good_for(query, bound_to), secret=_secret())


def _good_for(query: ListQuery, bound_to: Sequence[Any]) -> list[Any]:
    return [*bound_to, query.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_defaults=True)]


def _secret() -> str:
    """The secret that signs cursors; a list that fits on one page never reads it."""
    return secret(config.setting("CURSOR_SECRET"))


class Examined(NamedTuple):
    """The matching entries among some that were read in order, and the sort key of the last one that was read."""

    items: list[Item]
    last: str | None


def examined(key_range: KeyRange, conditions: Sequence[Filter], *, page: int) -> Iterator[Examined]:
    """The entries of a range that match, among one page of entries after the other. A page may have none."""
    sort = key_range.names[1]
    for response in pages_of(_query(key_range, conditions) | {"Limit": page}):
        last = response.get("LastEvaluatedKey")
        yield Examined(list(response["Items"]), last[sort]["S"] if last else None)


def items_from(key_range: KeyRange, *, descending: bool = False, page: int | None = None) -> Iterator[Item]:
    """The entries of a range in order. `page`: how many of them one call reads."""
    asked = _query(key_range, ()) | {"ScanIndexForward": not descending}
    return items_of(asked | ({"Limit": page} if page else {}))


def count(key_range: KeyRange, conditions: Sequence[Filter]) -> int:
    """How many entries there are."""
    if key_range.is_empty:
        return 0
    return sum(response["Count"] for response in pages_of(_query(key_range, conditions) | {"Select": "COUNT"}))


def _ask(
    key_range: KeyRange, limit: int, conditions: Sequence[Filter], after: list[str] | None, *, descending: bool
) -> _Found:
    asked = _query(key_range, conditions)
    asked["ScanIndexForward"] = not descending
    asked["Limit"] = max(EXAMINED, limit + 1) if conditions else limit + 1
    if after is not None:
        asked["ExclusiveStartKey"] = _start(key_range, after)
    response = client("dynamodb").query(**asked)
    sort = key_range.names[1]
    entries = [_Entry(item[sort]["S"], item) for item in response["Items"]]
    last = response.get("LastEvaluatedKey")
    return _Found(entries, last[sort]["S"], last) if last else _Found(entries)


def _query(key_range: KeyRange, conditions: Sequence[Filter]) -> dict[str, Any]:
    partition, sort = key_range.names
    names = {"#partition": partition}
    values: dict[str, Any] = {":partition": {"S": key_range.partition.partition}}
    wanted = "#partition = :partition"
    if key_range.low is not None or key_range.high is not None:
        names["#sort"] = sort
        values |= {":low": {"S": key_range.low or " "}, ":high": {"S": key_range.high or "~"}}
        wanted += " AND #sort BETWEEN :low AND :high"
    asked: dict[str, Any] = {"TableName": config.setting("TABLE_NAME"), "KeyConditionExpression": wanted}
    if key_range.partition.index is not None:
        asked["IndexName"] = key_range.partition.index
    else:
        asked["ConsistentRead"] = True
    terms = [_term(condition, names, values) for condition in conditions]
    if terms:
        asked["FilterExpression"] = " AND ".join(terms)
    return asked | {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}


def _term(wanted: Filter, names: dict[str, str], values: dict[str, Any]) -> str:
    """A filter as an expression; the names and values it needs are added to the others."""
    if isinstance(wanted, Not):
        return f"NOT ({' AND '.join(_term(part, names, values) for part in wanted.conditions)})"
    name = f"#f{len(names)}"
    names[name] = wanted.attribute
    marks = []
    for option in [wanted.value] if isinstance(wanted.value, str | bool) else wanted.value:
        marks.append(f":v{len(values)}")
        values[marks[-1]] = {"BOOL": option} if isinstance(option, bool) else {"S": option}
    match wanted.operator:
        case "IN":
            return f"{name} IN ({', '.join(marks)})"
        case "contains":
            return f"contains({name}, {marks[0]})"
        case operator:
            return f"{name} {operator} {marks[0]}"


def _start(key_range: KeyRange, after: list[str]) -> dict[str, Any]:
    # Newer code may add fields to a position that this code does not need.
    sort_value, partition, sort, *_ = after
    start = {PARTITION: {"S": partition}, SORT: {"S": sort}}
    names = key_range.names
    return start | {names[0]: {"S": key_range.partition.partition}, names[1]: {"S": sort_value}}


def _merged(found: Sequence[_Found], *, descending: bool) -> list[_Entry]:
    """The entries of all ranges in order, each once, as far as every range was read."""
    known: dict[str, _Entry] = {
        entry.item[PARTITION]["S"] + entry.item[SORT]["S"]: entry for part in found for entry in part.entries
    }
    entries = sorted(known.values(), key=lambda entry: entry.sort, reverse=descending)
    horizon = _nearest(found, descending=descending)
    if horizon is None:
        return entries
    return [entry for entry in entries if (entry.sort >= horizon if descending else entry.sort <= horizon)]


def _nearest(found: Sequence[_Found], *, descending: bool) -> str | None:
    horizons = [part.horizon for part in found if part.horizon is not None]
    if not horizons:
        return None
    return max(horizons) if descending else min(horizons)


def _position(found: Sequence[_Found], shown: Sequence[_Entry], *, more: bool, descending: bool) -> list[str] | None:
    """The start of the next page: after the last entry shown, or after the last one read."""
    if more:
        last = shown[-1]
        return [last.sort, last.item[PARTITION]["S"], last.item[SORT]["S"]]
    horizon = _nearest(found, descending=descending)
    if horizon is None:
        return None
    at = next(part.position for part in found if part.horizon == horizon)
    return [horizon, at[PARTITION]["S"], at[SORT]["S"]] if at else None


def days(partition: IndexPartition, low: date | None, high: date | None) -> KeyRange:
    """The part of a partition sorted by date, both days included."""
    return KeyRange(partition, low.isoformat() if low else None, f"{high.isoformat()}~" if high else None)


def beginning_with(key: Key, prefix: str) -> KeyRange:
    """The part of a table partition with a sort key prefix."""
    return KeyRange(IndexPartition(None, key.partition), prefix, f"{prefix}~")


def same(**wanted: str | None) -> list[Condition]:
    """A condition of equality for each given value."""
    return [Condition(name, "=", value) for name, value in wanted.items() if value is not None]


def between(attribute: str, low: date | None, high: date | None) -> list[Condition]:
    """Conditions of order, both bounds included."""
    bounds: list[tuple[Operator, date | None]] = [(">=", low), ("<=", high)]
    return [Condition(attribute, operator, text(bound)) for operator, bound in bounds if bound is not None]
