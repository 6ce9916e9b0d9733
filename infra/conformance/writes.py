"""DynamoDB: conditional writes and transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from infra.conformance.assumption import assumption, refused, require, require_equal
from infra.conformance.resources import Resources
from invoicing.aws.clients import client
from invoicing.store.keys import PURGE_AT
from invoicing.store.transaction import MAX_WRITES

_NEW = {"ConditionExpression": "attribute_not_exists(PK)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
_WRITERS = 8
_FITS, _TOO_LARGE = 400_000, 420_000


def key(name: str, sort: str = "#") -> dict[str, Any]:
    """The key of an item of a check."""
    return {"PK": {"S": f"T#smoke#{name}"}, "SK": {"S": sort}}


def put(made: Resources, item: dict[str, Any], **how: Any) -> None:
    """Write an item."""
    client("dynamodb").put_item(TableName=made.table, Item=item, **how)


def read(made: Resources, of: dict[str, Any]) -> dict[str, Any] | None:
    """The current state of an item."""
    found = client("dynamodb").get_item(TableName=made.table, Key=of, ConsistentRead=True)
    return dict(found["Item"]) if "Item" in found else None


def _put(made: Resources, item: dict[str, Any], **how: Any) -> dict[str, Any]:
    return {"Put": {"TableName": made.table, "Item": item, **how}}


def _update(made: Resources, of: dict[str, Any], **how: Any) -> dict[str, Any]:
    return {"Update": {"TableName": made.table, "Key": of, **how}}


def _add_one(made: Resources, of: dict[str, Any], **how: Any) -> dict[str, Any]:
    values = {":one": {"N": "1"}}
    return _update(made, of, UpdateExpression="ADD uses :one", ExpressionAttributeValues=values, **how)


def _transact(*writes: Any, **more: Any) -> None:
    client("dynamodb").transact_write_items(TransactItems=list(writes), **more)


def _canceled(*writes: Any) -> list[dict[str, Any]]:
    """The reasons of a transaction that has to be canceled."""
    answer = refused("TransactionCanceledException", lambda: _transact(*writes))
    return list(answer.get("CancellationReasons", ()))


@assumption("DynamoDB")
def a_refused_insert_returns_the_existing_item(made: Resources) -> None:
    """An insert over an existing item is refused, and the error contains that item."""
    there = key("insert") | {"owner": {"S": "first"}}
    put(made, there, **_NEW)
    answer = refused("ConditionalCheckFailedException", lambda: put(made, there | {"owner": {"S": "second"}}, **_NEW))
    require_equal(answer.get("Item"), there)
    require_equal(read(made, key("insert")), there)


@assumption("DynamoDB")
def a_canceled_transaction_writes_nothing(made: Resources) -> None:
    """A transaction with one unmet condition writes none of its items."""
    put(made, key("nothing", "there"))
    _canceled(_put(made, key("nothing", "new")), _put(made, key("nothing", "there"), **_NEW))
    require_equal(read(made, key("nothing", "new")), None)


@assumption("DynamoDB")
def a_canceled_transaction_explains_each_write(made: Resources) -> None:
    """A canceled transaction has a reason for each write in order, with the existing item where requested."""
    there = key("reasons", "there") | {"next": {"N": "7"}}
    put(made, there)
    moved = {
        "UpdateExpression": "SET #next = :after",
        "ConditionExpression": "#next = :next",
        "ExpressionAttributeNames": {"#next": "next"},
        "ExpressionAttributeValues": {":next": {"N": "6"}, ":after": {"N": "7"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    reasons = _canceled(
        _put(made, key("reasons", "a"), **_NEW),
        _update(made, key("reasons", "there"), **moved),
        _put(made, key("reasons", "b"), **_NEW),
    )
    require_equal([reason.get("Code") for reason in reasons], ["None", "ConditionalCheckFailed", "None"])
    require_equal([reason.get("Item") for reason in reasons], [None, there, None])


@assumption("DynamoDB")
def a_missing_item_of_a_condition_is_not_returned(made: Resources) -> None:
    """A check of an item that does not exist is refused without an item."""
    exists = {"ConditionExpression": "attribute_exists(PK)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    check = {"ConditionCheck": {"TableName": made.table, "Key": key("missing"), **exists}}
    reasons = _canceled(_put(made, key("missing", "beside")), check)
    require_equal([reason.get("Code") for reason in reasons], ["None", "ConditionalCheckFailed"])
    require(not reasons[1].get("Item"), reasons[1])


@assumption("DynamoDB")
def an_impossible_update_cancels_with_its_reason(made: Resources) -> None:
    """An update that the stored type does not allow cancels the transaction as `ValidationError`."""
    put(made, key("impossible") | {"uses": {"S": "text"}})
    reasons = _canceled(_add_one(made, key("impossible")), _put(made, key("impossible", "beside")))
    require_equal([reason.get("Code") for reason in reasons], ["ValidationError", "None"])


@assumption("DynamoDB")
def a_transaction_with_the_same_token_is_applied_once(made: Resources) -> None:
    """A transaction that is sent again with its `ClientRequestToken`, as botocore does, is applied once."""
    for _ in range(2):
        _transact(_add_one(made, key("token")), ClientRequestToken=made.prefix)
    require_equal((read(made, key("token")) or {}).get("uses"), {"N": "1"})


@assumption("DynamoDB")
def a_transaction_holds_a_hundred_writes(made: Resources) -> None:
    """A transaction writes 100 items, and one with 101 is refused."""
    writes = [_put(made, key("hundred", f"{number:03}")) for number in range(MAX_WRITES + 1)]
    _transact(*writes[:MAX_WRITES])
    refused("ValidationException", lambda: _transact(*writes))


@assumption("DynamoDB")
def a_transaction_writes_each_item_once(made: Resources) -> None:
    """A transaction with two writes of one item is refused as a mistake, not as a conflict."""
    refused("ValidationException", lambda: _transact(_add_one(made, key("twice")), _put(made, key("twice"))))


@assumption("DynamoDB")
def a_delete_of_a_missing_item_succeeds(made: Resources) -> None:
    """A delete without a condition succeeds where there is no item, alone and in a transaction."""
    client("dynamodb").delete_item(TableName=made.table, Key=key("gone"))
    _transact({"Delete": {"TableName": made.table, "Key": key("gone")}})


@assumption("DynamoDB")
def an_update_creates_its_counter(made: Resources) -> None:
    """`ADD` creates a missing item and counter, `SET`, `ADD` and `REMOVE` work in one update."""
    of: Any = {"TableName": made.table, "Key": key("counter")}
    client("dynamodb").update_item(
        **of, UpdateExpression="ADD uses :one", ExpressionAttributeValues={":one": {"N": "1"}}
    )
    client("dynamodb").update_item(
        **of,
        UpdateExpression="SET recorded = :hour, part = :part ADD uses :one",
        ConditionExpression="attribute_not_exists(recorded) OR recorded < :hour",
        ExpressionAttributeValues={":one": {"N": "-1"}, ":hour": {"S": "2026-03-10T12"}, ":part": {"B": b"\x00\xff"}},
    )
    client("dynamodb").update_item(**of, UpdateExpression="REMOVE part, absent")
    require_equal(read(made, key("counter")), key("counter") | {"uses": {"N": "0"}, "recorded": {"S": "2026-03-10T12"}})


@assumption("DynamoDB")
def an_update_with_a_condition_creates_nothing(made: Resources) -> None:
    """An update that requires an existing item creates none."""
    how: Any = {"UpdateExpression": "REMOVE detail", "ConditionExpression": "attribute_exists(PK)"}
    of: Any = {"TableName": made.table, "Key": key("absent")}
    refused("ConditionalCheckFailedException", client("dynamodb").update_item, **of, **how)
    require_equal(read(made, key("absent")), None)


@assumption("DynamoDB")
def values_are_stored_as_they_are(made: Resources) -> None:
    """Texts, also empty ones, bytes, integers, flags and sets come back as they were written."""
    values = {"text": {"S": "Süß €\n"}, "empty": {"S": ""}, "number": {"N": "-12"}, "flag": {"BOOL": False}}
    item = key("values") | values | {"bytes": {"B": b"\x00\xff"}, "set": {"SS": ["a", "b"]}}
    put(made, item)
    found = read(made, key("values")) or {}
    require_equal({**found, "set": {"SS": sorted(found.get("set", {}).get("SS", ()))}}, item)


@assumption("DynamoDB")
def an_item_has_400_kb_at_most(made: Resources) -> None:
    """An item of 400,000 bytes is stored, and one over 400 KB is refused."""
    put(made, key("large") | {"text": {"S": "x" * _FITS}})
    refused("ValidationException", lambda: put(made, key("large") | {"text": {"S": "x" * _TOO_LARGE}}))


@assumption("DynamoDB")
def an_expired_item_can_still_be_read(made: Resources) -> None:
    """TTL is on for the attribute that items expire by, and an expired item may still be read."""
    described = made.manager("dynamodb").describe_time_to_live(TableName=made.table)["TimeToLiveDescription"]
    require(described["TimeToLiveStatus"] in {"ENABLING", "ENABLED"}, described)
    require_equal(described["AttributeName"], PURGE_AT)
    put(made, key("expired") | {PURGE_AT: {"N": "1"}})
    require(read(made, key("expired")), "deleted at once")


@assumption("DynamoDB", concurrent=True)
def one_of_many_writers_wins(made: Resources) -> None:
    """Of writers that require the same version at the same time one succeeds, and the others can see why not."""
    put(made, key("race") | {"version": {"N": "1"}})

    def write(number: int) -> str:
        item = key("race") | {"version": {"N": "2"}, "writer": {"N": str(number)}}
        unchanged: dict[str, Any] = {
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": {"N": "1"}},
        }
        return _code(lambda: _transact(_put(made, item, **unchanged)))

    # The clients are made before the threads use them: boto3's creation of a client is not thread-safe.
    client("dynamodb")
    with ThreadPoolExecutor(_WRITERS) as threads:
        codes = sorted(threads.map(write, range(_WRITERS)))
    require_equal(codes, ["", *["TransactionCanceledException"] * (_WRITERS - 1)])


def _code(call: Callable[[], object]) -> str:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""
