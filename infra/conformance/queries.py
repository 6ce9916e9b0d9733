"""DynamoDB: reads, queries and indexes."""

from collections.abc import Callable, Iterable
from typing import Any

from infra.conformance.assumption import assumption, eventually, require, require_equal
from infra.conformance.resources import Resources
from infra.conformance.writes import key, put
from invoicing.aws.clients import client
from invoicing.store.reading import pages_of

_HUNDRED = 100
_THIRD_OF_A_PAGE = 330_000


def _query(made: Resources, wanted: str, texts: dict[str, str], **how: Any) -> dict[str, Any]:
    typed = {name: {"S": text} for name, text in texts.items()} | how.pop("values", {})
    asked: dict[str, Any] = {"KeyConditionExpression": wanted, "ExpressionAttributeValues": typed}
    return dict(client("dynamodb").query(TableName=made.table, **asked, **how))


def _partition(made: Resources, name: str, **how: Any) -> dict[str, Any]:
    """A consistent query of a whole partition."""
    partition = {":partition": key(name)["PK"]["S"]}
    return _query(made, "PK = :partition", partition, ConsistentRead=True, **how)


def _sorts(answer: dict[str, Any]) -> list[str]:
    return [item["SK"]["S"] for item in answer["Items"]]


def _fill(made: Resources, name: str, sorts: Iterable[str], **attributes: Any) -> None:
    for sort in sorts:
        put(made, key(name, sort) | attributes)


@assumption("DynamoDB")
def a_consistent_read_sees_each_write(made: Resources) -> None:
    """Consistent reads, of one item, a hundred or a partition, see the last write."""
    for number in range(5):
        wanted = [key("consistent", f"{number}-{one:02}") for one in range(_HUNDRED // 2)]
        put(made, wanted[0])
        keys: Any = [*wanted, *(key("nothing here", f"{one}") for one in range(_HUNDRED // 2))]
        request: Any = {made.table: {"Keys": keys, "ConsistentRead": True}}
        answer = client("dynamodb").batch_get_item(RequestItems=request)
        require_equal(answer["Responses"][made.table], wanted[:1])
        require(wanted[0]["SK"]["S"] in _sorts(_partition(made, "consistent")), "the query misses the last write")


@assumption("DynamoDB")
def a_partition_is_sorted_by_bytes(made: Resources) -> None:
    """A query returns sort keys in the order of their UTF-8 bytes, or in the reverse order."""
    sorts = ["#", "#ASIDE", "#BODY#00", "#BODY#01", "00", "A", "ACT#0", "Z", "a", "~", "ß", "ü", "€", "😀"]
    _fill(made, "sorted", reversed(sorts))
    require_equal(_sorts(_partition(made, "sorted")), sorts)
    require_equal(_sorts(_partition(made, "sorted", ScanIndexForward=False)), sorts[::-1])


@assumption("DynamoDB")
def a_query_reads_a_range(made: Resources) -> None:
    """`begins_with` and `BETWEEN`, both bounds included, limit the sort keys."""
    _fill(made, "range", ["ACT#1", "ACT#2", "ACT#3", "NOTE#1"])
    place = {":partition": key("range")["PK"]["S"]}
    found = _query(made, "PK = :partition AND begins_with(SK, :prefix)", place | {":prefix": "ACT#"})
    require_equal(_sorts(found), ["ACT#1", "ACT#2", "ACT#3"])
    bounds = place | {":low": "ACT#2", ":high": "ACT#3"}
    require_equal(_sorts(_query(made, "PK = :partition AND SK BETWEEN :low AND :high", bounds)), ["ACT#2", "ACT#3"])


@assumption("DynamoDB")
def a_page_ends_where_the_next_one_begins(made: Resources) -> None:
    """A page that its limit ends has a last key, and the page from there has the rest without one."""
    _fill(made, "page", "abc")
    first = _partition(made, "page", Limit=2)
    require_equal((_sorts(first), first.get("LastEvaluatedKey")), (["a", "b"], key("page", "b")))
    rest = _partition(made, "page", Limit=2, ExclusiveStartKey=first["LastEvaluatedKey"])
    require_equal((_sorts(rest), rest.get("LastEvaluatedKey")), (["c"], None))


@assumption("DynamoDB")
def a_page_can_begin_after_a_missing_item(made: Resources) -> None:
    """A query of an index continues after a position at which there is no item any more."""
    for one in "ac":
        put(made, key("start", one) | {"GSI1PK": {"S": f"{made.prefix} start"}, "GSI1SK": {"S": one}})
    position = key("start", "b") | {"GSI1PK": {"S": f"{made.prefix} start"}, "GSI1SK": {"S": "b"}}
    _in_index(made, "GSI1", "start", lambda items: len(items) == 2)
    found = _index(made, "GSI1", "start", ExclusiveStartKey=position)
    require_equal(_sorts(found), ["c"])


@assumption("DynamoDB")
def a_page_has_1_mb_at_most(made: Resources) -> None:
    """A query returns about 1 MB at most, and a last key if more follows."""
    sorts = [f"{number}" for number in range(6)]
    _fill(made, "megabyte", sorts, text={"S": "x" * _THIRD_OF_A_PAGE})
    asked: dict[str, Any] = {
        "TableName": made.table,
        "KeyConditionExpression": "PK = :partition",
        "ExpressionAttributeValues": {":partition": key("megabyte")["PK"]},
        "ConsistentRead": True,
    }
    pages = list(pages_of(asked))
    require_equal([sort for page in pages for sort in _sorts(page)], sorts)
    require(len(pages) > 1, "the whole partition came in one page")


@assumption("DynamoDB")
def a_count_returns_no_items(made: Resources) -> None:
    """A query can return a count alone, or single attributes."""
    _fill(made, "count", "abc", text={"S": "x"})
    counted = _partition(made, "count", Select="COUNT")
    require_equal((counted["Count"], counted.get("Items", [])), (3, []))
    require_equal(_partition(made, "count", ProjectionExpression="SK")["Items"][0], {"SK": {"S": "a"}})


@assumption("DynamoDB")
def a_limit_counts_read_items(made: Resources) -> None:
    """A limit counts the items that are read, before a filter removes some of them."""
    for one in "abcd":
        put(made, key("limit", one) | {"status": {"S": "paid" if one == "b" else "open"}})
    paid: Any = {"FilterExpression": "#status = :paid", "ExpressionAttributeNames": {"#status": "status"}}
    found = _partition(made, "limit", Limit=3, values={":paid": {"S": "paid"}}, **paid)
    require_equal((_sorts(found), found["Count"], found["ScannedCount"]), (["b"], 1, 3))
    require_equal(found.get("LastEvaluatedKey"), key("limit", "c"))


@assumption("DynamoDB")
def filters_compare_as_lists_need(made: Resources) -> None:
    """Filters compare texts, flags, parts of texts and entries of sets, and treat missing attributes as different."""
    put(made, key("filter", "a") | {"text": {"S": "Nordlicht"}, "flag": {"BOOL": True}, "set": {"SS": ["x", "y"]}})
    put(made, key("filter", "b") | {"text": {"S": "Werft"}})
    put(made, key("filter", "c"))
    values = {":a": {"S": "Nordlicht"}, ":b": {"S": "Werft"}, ":part": {"S": "rdl"}, ":x": {"S": "x"}}
    for expression, expected in {
        "#text = :a": "a",
        "#text IN (:a, :b)": "ab",
        "NOT (#text = :a)": "bc",
        "#text <> :a": "bc",
        "#text < :b": "a",
        "#text >= :a AND #text <= :b": "ab",
        "contains(#text, :part)": "a",
        "contains(#set, :x)": "a",
        "#flag = :true": "a",
        "attribute_exists(#text) OR #flag = :true": "ab",
    }.items():
        used = {name: value for name, value in (values | {":true": {"BOOL": True}}).items() if name in expression}
        names = {name: name[1:] for name in ("#text", "#flag", "#set") if name in expression}
        found = _partition(made, "filter", FilterExpression=expression, ExpressionAttributeNames=names, values=used)
        require("".join(_sorts(found)) == expected, f"{expression} finds {_sorts(found)}")


@assumption("DynamoDB")
def an_index_contains_items_with_its_keys_only(made: Resources) -> None:
    """An index contains only items that have both of its keys: whole ones, or their keys."""
    place = {"S": f"{made.prefix} sparse"}
    put(made, key("sparse", "none") | {"text": {"S": "x"}})
    put(made, key("sparse", "half") | {"GSI1PK": place, "GSI7PK": place})
    whole = key("sparse", "whole") | {"GSI1PK": place, "GSI1SK": {"S": "1"}, "text": {"S": "x"}}
    put(made, whole | {"GSI7PK": place, "GSI7SK": {"S": "1"}})
    [found] = _in_index(made, "GSI1", "sparse", len)
    require_equal(found, whole | {"GSI7PK": place, "GSI7SK": {"S": "1"}})
    [found] = _in_index(made, "GSI7", "sparse", len)
    require_equal(found, key("sparse", "whole") | {"GSI7PK": place, "GSI7SK": {"S": "1"}})


@assumption("DynamoDB")
def an_index_follows_its_items(made: Resources) -> None:
    """An item moves in an index with its keys, and leaves it without them."""
    place = f"{made.prefix} moving"
    put(made, key("moving") | {"GSI7PK": {"S": f"{place} 1"}, "GSI7SK": {"S": "1"}})
    _in_index(made, "GSI7", "moving 1", len)
    of: Any = {"TableName": made.table, "Key": key("moving")}
    values = {":place": {"S": f"{place} 2"}}
    client("dynamodb").update_item(**of, UpdateExpression="SET GSI7PK = :place", ExpressionAttributeValues=values)
    _in_index(made, "GSI7", "moving 2", len)
    _in_index(made, "GSI7", "moving 1", lambda items: not items)
    client("dynamodb").update_item(**of, UpdateExpression="REMOVE GSI7PK, GSI7SK")
    _in_index(made, "GSI7", "moving 2", lambda items: not items)


def _index(made: Resources, name: str, place: str, **how: Any) -> dict[str, Any]:
    return _query(made, f"{name}PK = :place", {":place": f"{made.prefix} {place}"}, IndexName=name, **how)


def _in_index(made: Resources, name: str, place: str, wanted: Callable[[list[Any]], object]) -> list[dict[str, Any]]:
    """The items of a place of an index as soon as they are as wanted: indexes follow their table later."""
    found: list[dict[str, Any]] = []

    def reached() -> bool:
        found[:] = _index(made, name, place)["Items"]
        return bool(wanted(found))

    eventually(reached, f"the state of {place} in {name}")
    return found
