"""Responses to requests with an Idempotency-Key, stored so that a repetition gets the same response."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pydantic import BaseModel

from invoicing import config
from invoicing.aws.clients import client
from invoicing.core.errors import AnswerErased
from invoicing.core.model import Value
from invoicing.store import keys
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_beginning
from invoicing.store.rows.items import PART_BYTES, compressed, keyed
from invoicing.store.transaction import Write, overwrite

_ERASED = "erased"
KEPT = timedelta(days=31)
"""The contract promises 24 hours. TTL deletes the row some time after thirty more days, as all expired rows."""


class Idempotency(NamedTuple):
    """The identity of a request: `digest` of tenant, user, operation and key; `fingerprint` of its content."""

    digest: str
    fingerprint: str


class StoredResponse(NamedTuple):
    """A response as it was sent."""

    status: int
    headers: dict[str, str]
    body: str


def identity(key: str, *, caller: tuple[str, str], operation: str, asked: list[Any]) -> Idempotency:
    """The identity of a request with an Idempotency-Key."""
    named = json.dumps([*caller, operation, key]).encode()
    content = json.dumps(asked, sort_keys=True).encode()
    return Idempotency(hashlib.sha256(named).hexdigest(), hashlib.sha256(content).hexdigest())


def items(tenant: str, identity: Idempotency, response: StoredResponse, now: datetime) -> list[Item]:
    """The rows of a response, compressed, in parts."""
    raw = compressed(f"{json.dumps([response.status, response.headers])}\n{response.body}".encode())
    parts = [raw[start : start + PART_BYTES] for start in range(0, len(raw), PART_BYTES)]
    first = keys.idempotency(tenant, identity.digest)
    common = {keys.PURGE_AT: {"N": str(int((now + KEPT).timestamp()))}, "fingerprint": {"S": identity.fingerprint}}
    return [
        keyed(first.at(f"#{number:02d}"), "kept_answer")
        | common
        | {"part": {"B": part}, "parts": {"N": str(len(parts))}}
        for number, part in enumerate(parts)
    ]


def customer_in(shown: BaseModel | None) -> str | None:
    """The customer whose personal data is in a response; None for one without a customer or with an erased one."""
    return shown.about_customer if isinstance(shown, Value) and not shown.forgets else None


def pointer(tenant: str, identity: Idempotency, customer_id: str, now: datetime) -> Write:
    """The pointer from a customer to a response with its data, so that this can be erased."""
    key = keys.responses_about(tenant, customer_id).at(keys.STORED_RESPONSE + identity.digest)
    item = keyed(key, "kept_answer_pointer") | {keys.PURGE_AT: {"N": str(int((now + KEPT).timestamp()))}}
    return overwrite(item)


def erase(tenant: str, customer_id: str) -> None:
    """Erase the responses about a customer. A repetition of such a request is still recognized, and refused."""
    table = config.setting("TABLE_NAME")
    for pointer in items_beginning(keys.responses_about(tenant, customer_id), keys.STORED_RESPONSE):
        digest = Key.of(pointer).sort.removeprefix(keys.STORED_RESPONSE)
        for row in items_beginning(keys.idempotency(tenant, digest), "#"):
            client("dynamodb").update_item(
                TableName=table,
                Key=Key.of(row).address,
                UpdateExpression=f"SET {_ERASED} = :yes REMOVE part",
                ConditionExpression="attribute_exists(PK)",
                ExpressionAttributeValues={":yes": {"BOOL": True}},
            )
        client("dynamodb").delete_item(TableName=table, Key=Key.of(pointer).address)


def response_of(rows: Sequence[Mapping[str, Any]]) -> StoredResponse:
    """The response from its rows, in order. Refuses an erased one."""
    if _ERASED in rows[0]:
        raise AnswerErased
    head, parted, body = zlib.decompress(b"".join(bytes(row["part"]["B"]) for row in rows)).decode().partition("\n")
    # Rows from before December 2026 have the body in the same line. The last of them expires in January 2027.
    status, headers, *more = json.loads(head)
    return StoredResponse(status, headers, body if parted else more[0])
