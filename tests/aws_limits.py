"""Limits of AWS that no emulator enforces. Every call and every response of the whole suite is checked."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

KB, MB = 1024, 1024 * 1024
ITEM_BYTES = 400 * KB
TRANSACTION_ITEMS, TRANSACTION_BYTES = 100, 4 * MB
BATCH_KEYS = 100
EXPRESSION_BYTES, OPERANDS_OF_IN = 4 * KB, 100
EVENT_ENTRIES, EVENT_BYTES = 10, 256 * KB
MESSAGE_BYTES = 256 * KB
MAIL_BYTES = 40 * MB
ANSWER_BYTES = 6 * MB
"""The limit of Lambda, for requests and responses; API Gateway accepts 10 MB."""
_IN = re.compile(r"\bIN\s*\(([^)]*)\)")


def size(value: Any) -> int:
    """The bytes that DynamoDB counts for an item or a value; a number with its maximum."""
    match value:
        case str() | bytes():
            return len(value.encode() if isinstance(value, str) else value)
        case {"S": held} | {"B": held}:
            return size(held)
        case {"N": digits}:
            return len(digits) // 2 + 2
        case {"BOOL": _}:
            return 1
        case {"SS": texts}:
            return sum(map(size, texts))
    return sum(size(name) + size(held) for name, held in value.items())


def exceeded(name: str, params: Mapping[str, Any]) -> Iterator[str]:
    """The reasons for which AWS would refuse a call."""
    service, _, operation = name.partition(":")
    checks = {"dynamodb": _dynamodb, "events": _events, "sqs": _sqs, "ses": _ses}
    if check := checks.get(service):
        yield from (
            f"{name}: {what} {amount} > {most}" for what, amount, most in check(operation, params) if amount > most
        )


def require_answerable(answer: Any) -> None:
    """Lambda can pass on the response of a function."""
    length = len(json.dumps(answer).encode())
    assert length <= ANSWER_BYTES, f"an answer of {length} bytes"


Check = Iterator[tuple[str, int, int]]


def _dynamodb(operation: str, params: Mapping[str, Any]) -> Check:
    if operation == "BatchGetItem":
        yield "keys", sum(len(one["Keys"]) for one in params["RequestItems"].values()), BATCH_KEYS
    if operation == "TransactWriteItems":
        writes = [write for one in params["TransactItems"] for write in one.values()]
        yield "writes", len(writes), TRANSACTION_ITEMS
        yield "bytes", sum(_written(write) for write in writes), TRANSACTION_BYTES
    else:
        writes = [params]
    for write in writes:
        yield "bytes of an item", size(write.get("Item", {})), ITEM_BYTES
        for expression in (text for key, text in write.items() if key.endswith("Expression")):
            yield "bytes of an expression", len(expression.encode()), EXPRESSION_BYTES
            for operands in _IN.findall(expression):
                yield "operands of IN", operands.count(",") + 1, OPERANDS_OF_IN


def _written(write: Mapping[str, Any]) -> int:
    return sum(size(write.get(name, {})) for name in ("Item", "Key", "ExpressionAttributeValues"))


def _events(_: str, params: Mapping[str, Any]) -> Check:
    entries = params["Entries"]
    yield "entries", len(entries), EVENT_ENTRIES
    yield "bytes", sum(size(text) for entry in entries for text in entry.values()), EVENT_BYTES


def _sqs(operation: str, params: Mapping[str, Any]) -> Check:
    if operation == "SendMessage":
        attributes = params.get("MessageAttributes", {})
        told = sum(size(name) + sum(map(size, one.values())) for name, one in attributes.items())
        yield "bytes", size(params["MessageBody"]) + told, MESSAGE_BYTES


def _ses(_: str, params: Mapping[str, Any]) -> Check:
    mail = params["Content"]["Simple"]
    files = sum(len(one["RawContent"]) * 4 // 3 for one in mail.get("Attachments", ()))
    yield "bytes", files + sum(size(part["Data"]) for part in mail["Body"].values()), MAIL_BYTES
