"""All writes are one `TransactWriteItems`: its call, its conflicts, and the meaning of a refusal."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from invoicing import config
from invoicing.aws.clients import client
from invoicing.aws.errors import (
    AWS_FAULTS,
    NO_RESPONSE,
    ClientError,
    cancellation_reasons,
    condition_canceled,
    condition_failed,
    is_conflict,
    outcome_unknown,
    rejected_item,
    retryable,
    transaction_canceled,
    write_invalid,
)
from invoicing.core.clock import wait, windows
from invoicing.core.errors import ConcurrentModification, DomainError, OutcomeUnknown
from invoicing.store.keys import Item, Key
from invoicing.store.reading import item_at
from invoicing.store.rows.revisions import Row, revised

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAX_WRITES = 100
MAX_BYTES = 4_000_000
"""DynamoDB accepts 4 MB in a transaction; the rest of it is a reserve."""
PATIENCE_SECONDS = 4.0
"""Seconds of retries after conflicts with other transactions. API Gateway gives up after 29 s, clients before."""

Refusal = Callable[[Mapping[str, Any] | None], Exception]


class Write(NamedTuple):
    """One item of a transaction, and the refusal if its condition does not hold.

    `refuse` gets the item that exists at the key. `proof` marks the item whose id only this call can have made: if it
    already exists, the call had succeeded and only its response was lost.
    """

    request: "TransactWriteItemTypeDef"
    refuse: Refusal
    proof: bool = False
    rank: int = 0


class Weight(NamedTuple):
    """The size of a transaction: its number of items, and their bytes."""

    items: int
    bytes: int


def weight_of(writes: Sequence[Write]) -> Weight:
    """The weight of some writes."""
    return Weight(len(writes), sum(_bytes_of(write.request) for write in writes))


def _bytes_of(value: object) -> int:
    """About the bytes that DynamoDB counts for a value with its names; never fewer."""
    if isinstance(value, Mapping):
        return sum(len(str(name)) + _bytes_of(inner) for name, inner in value.items())
    if isinstance(value, str):
        return len(value.encode())
    return len(value) if isinstance(value, bytes) else 8


def changed_meanwhile(_: Mapping[str, Any] | None) -> DomainError:
    """The row is no longer the one that was read."""
    return ConcurrentModification()


def always(error: DomainError) -> Refusal:
    """The same refusal for every existing item."""
    return lambda _: error


def put(item: Item, refuse: Refusal, *, proof: bool = False, rank: int = 0) -> Write:
    """Insert an item that must not exist yet."""
    return Write(
        {
            "Put": {
                "TableName": config.setting("TABLE_NAME"),
                "Item": item,
                "ConditionExpression": "attribute_not_exists(PK)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
        refuse,
        proof,
        rank,
    )


def replace(item: Item, row: Row | None) -> Write:
    """Write the next state of a row that was read; None: insert it."""
    if row is None:
        return put(revised(item, row), changed_meanwhile, rank=1)
    request: TransactWriteItemTypeDef = {
        "Put": {"TableName": config.setting("TABLE_NAME"), "Item": revised(item, row), **row.unchanged()}  # type: ignore[typeddict-item]
    }
    return Write(request, changed_meanwhile, rank=1)


def unchanged(key: Key, row: Row | None) -> Write:
    """Require that a row is still the one that was read, without writing it."""
    if row is None:
        raise AssertionError("a row is read before its change is noticed")
    request: Any = {
        "ConditionCheck": {"TableName": config.setting("TABLE_NAME"), "Key": key.address, **row.unchanged()}
    }
    return Write(request, changed_meanwhile, rank=1)


def absent(key: Key, refuse: Refusal, *, rank: int = 0) -> Write:
    """Require that an item does not exist, without writing it."""
    request: Any = {
        "ConditionCheck": {
            "TableName": config.setting("TABLE_NAME"),
            "Key": key.address,
            "ConditionExpression": "attribute_not_exists(PK)",
        }
    }
    return Write(request, refuse, rank=rank)


def overwrite(item: Item) -> Write:
    """Write an item, whether it exists or not."""
    return Write({"Put": {"TableName": config.setting("TABLE_NAME"), "Item": item}}, changed_meanwhile)


def delete(key: Key) -> Write:
    """Delete an item, whether it exists or not."""
    return Write({"Delete": {"TableName": config.setting("TABLE_NAME"), "Key": key.address}}, changed_meanwhile)


def update(key: Key, refuse: Refusal, *, rank: int = 0, **how: Any) -> Write:
    """Update an item in place."""
    request: Any = {"Update": {"TableName": config.setting("TABLE_NAME"), "Key": key.address, **how}}
    return Write(request, refuse, rank=rank)


def write_alone(write: Write) -> None:
    """Write one item outside a transaction: a bookkeeping change that leaves no entry in a timeline."""
    dynamodb: Any = client("dynamodb")
    [(kind, request)] = write.request.items()
    try:
        {"Put": dynamodb.put_item, "Update": dynamodb.update_item}[kind](**cast("Any", request))
    except ClientError as error:
        if condition_failed(error):
            raise write.refuse(rejected_item(error)) from None
        if is_conflict(error):
            raise ConcurrentModification from None
        raise


def transact(writes: Sequence[Write], *, on_timeout: DomainError, until: float = math.inf) -> None:
    """Write everything or nothing, trying until this moment (of the monotonic clock) or for a few seconds.

    Raises the refusal of the refused write with the highest rank. Conflicts with other transactions are retried with
    full jitter; if they last, it raises `on_timeout`. If no response came or AWS failed, the proof shows that the
    transaction was written. Without it, or in a transaction that has no proof, the outcome is unknown
    (`OutcomeUnknown`).
    """
    if len(writes) > MAX_WRITES:
        raise AssertionError(f"{len(writes)} writes do not fit into one transaction")
    until = min(time.monotonic() + PATIENCE_SECONDS, until)
    waits = windows(0.04, 0.8)
    while (open_ := _tried(writes, on_timeout)) is not None:
        if time.monotonic() > until:
            raise open_
        wait(next(waits))


def _tried(writes: Sequence[Write], on_timeout: DomainError) -> DomainError | None:
    """None if it is written, else the error if no attempt follows. Raises the refusal."""
    proof = next((write for write in writes if write.proof), None)
    try:
        client("dynamodb").transact_write_items(TransactItems=[write.request for write in writes])
    except ClientError as error:
        if transaction_canceled(error):
            refusal = _refusal(error, writes)
            if refusal is not None and refusal is not _DONE:
                raise refusal from None
            return on_timeout if refusal is None else None
        if not retryable(error):
            raise
        if _found(proof):
            return None
        return OutcomeUnknown() if outcome_unknown(error) else on_timeout
    except NO_RESPONSE as error:
        # After a retry the error of the last attempt does not show whether an earlier one was carried out.
        if not _found(proof):
            raise OutcomeUnknown from error
    return None


_DONE = Exception("the proof is there")


def _refusal(error: ClientError, writes: Sequence[Write]) -> Exception | None:
    """Why a transaction was canceled; None if it only conflicted with another one."""
    reasons = cancellation_reasons(error)
    failed = [
        (write, reason.get("Item")) for write, reason in zip(writes, reasons, strict=True) if condition_canceled(reason)
    ]
    if any(write.proof for write, _ in failed):
        return _DONE
    if failed:
        write, item = max(failed, key=lambda entry: entry[0].rank)
        return write.refuse(item)
    if any(write_invalid(reason) for reason in reasons):
        return error
    return None


def _found(proof: Write | None) -> bool:
    if proof is None:
        return False
    try:
        return item_at(Key.of(proof.request["Put"]["Item"])) is not None
    except AWS_FAULTS as error:
        raise OutcomeUnknown from error
