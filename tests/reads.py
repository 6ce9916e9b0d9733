"""Reads that could not be recorded when they happened."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from invoicing.downloads import reading
from invoicing.store import retry as retrying
from invoicing.store import transaction
from tests.aws import AwsCalls
from tests.aws_events import LOST, Listener, client_error, listening

FAULTS = {
    "throttled": client_error("TransactWriteItems", 400, "ThrottlingException"),
    "conflict": client_error("UpdateItem", 400, "TransactionConflictException"),
    "failing": client_error("TransactWriteItems", 500, "InternalServerError"),
    "unanswered": LOST,
    "denied": client_error("TransactWriteItems", 400, "AccessDeniedException"),
}
"""The ways in which a table can refuse writes."""


class _NoWrites(Listener):
    def __init__(self, fault: Exception, *, bus: bool) -> None:
        self._fault, self._bus = fault, bus

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        writes = name in {"dynamodb:TransactWriteItems", "dynamodb:UpdateItem", "dynamodb:PutItem"}
        if writes or (name == "events:PutEvents" and not self._bus):
            raise _canceled(params) if "TransactItems" in params and self._fault is FAULTS["conflict"] else self._fault


def _canceled(params: Mapping[str, Any]) -> Exception:
    """A transaction is canceled where another one is changing the same items: with a reason for each write."""
    reasons = [{"Code": "TransactionConflict"}] * len(params["TransactItems"])
    return client_error("TransactWriteItems", 400, "TransactionCanceledException", CancellationReasons=reasons)


@contextmanager
def no_writes(fault: str, *, bus: bool = True) -> Iterator[None]:
    """In the context, the table refuses all writes and waits are short. `bus`: whether the bus accepts events."""
    with pytest.MonkeyPatch.context() as patch, listening(_NoWrites(FAULTS[fault], bus=bus)):
        patch.setattr(reading, "READER_WAITS_SECONDS", 0.0)
        patch.setattr(retrying, "wait", lambda _: None)
        patch.setattr(transaction, "wait", lambda _: None)
        yield


def deferred(aws: AwsCalls, name: str = "document.read") -> list[str]:
    """The events of reads, or of other work, that were left to a consumer."""
    entries = [one for call in aws.calls if call.name == "events:PutEvents" for one in call.params["Entries"]]
    return [
        json.dumps({"id": f"read-{number}", "source": one["Source"], "detail": json.loads(one["Detail"])})
        for number, one in enumerate(entries)
        if one["DetailType"] == name
    ]
