"""What a request with an Idempotency-Key led to, kept so that a repetition gets the same answer."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.keys import Item
from invoicing.adapters.dynamodb.records import PART_BYTES, compressed, keyed

KEPT = timedelta(days=31)
"""24 hours are promised; the row goes by TTL some time after thirty days more, as everything that expires."""


class Idempotency(NamedTuple):
    """The identity of a request: `digest` of tenant, user, operation and key; `fingerprint` of all it asks for."""

    digest: str
    fingerprint: str


class KeptAnswer(NamedTuple):
    """An answer as it was given."""

    status: int
    headers: dict[str, str]
    body: str


def identity(key: str, *, caller: tuple[str, str], operation: str, asked: list[Any]) -> Idempotency:
    """The identity of a request with an Idempotency-Key."""
    named = json.dumps([*caller, operation, key]).encode()
    content = json.dumps(asked, sort_keys=True).encode()
    return Idempotency(hashlib.sha256(named).hexdigest(), hashlib.sha256(content).hexdigest())


def items(tenant: str, identity: Idempotency, answer: KeptAnswer, now: datetime) -> list[Item]:
    """The rows of an answer, compressed, in parts."""
    raw = compressed(f"{json.dumps([answer.status, answer.headers])}\n{answer.body}".encode())
    parts = [raw[start : start + PART_BYTES] for start in range(0, len(raw), PART_BYTES)]
    first = keys.idempotency(tenant, identity.digest)
    common = {keys.PURGE_AT: {"N": str(int((now + KEPT).timestamp()))}, "fingerprint": {"S": identity.fingerprint}}
    return [
        keyed(first.at(f"#{number:02d}"), "kept_answer")
        | common
        | {"part": {"B": part}, "parts": {"N": str(len(parts))}}
        for number, part in enumerate(parts)
    ]


def answer_of(rows: Sequence[Mapping[str, Any]]) -> KeptAnswer:
    """The answer from its rows, in order."""
    head, parted, body = zlib.decompress(b"".join(bytes(row["part"]["B"]) for row in rows)).decode().partition("\n")
    # Those kept before December 2026 have the body in the same line; the last of them goes in January 2027.
    status, headers, *more = json.loads(head)
    return KeptAnswer(status, headers, body if parted else more[0])
