"""`@table_stream`: the consumer of the table's stream.

A stream is no queue: it has no dead-letter message of its own and no count of deliveries, and the handler gets a batch
as a whole, because it publishes ten entries in one call.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invoicing.aws.grants import Grant
from invoicing.http.declaration import Declaration, operation_of
from invoicing.http.warm import started
from invoicing.observability import log_line


@dataclass(frozen=True, kw_only=True)
class TableStream(Declaration):
    """A consumer of the items that are inserted into the table under a sort key prefix (`ACT#`: the outbox).

    A failed record is retried until it is `max_age_hours` old; the stream keeps its records for 24 hours.
    """

    sort_key_prefix: str
    handle: Callable[..., Sequence[str]]
    max_age_hours: int = 12

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:  # noqa: ARG002 — Lambda's form
        """Process one batch of the stream. Returns the sequence numbers of the records that are delivered again."""
        begun = time.perf_counter()
        images = {
            record["dynamodb"]["SequenceNumber"]: record["dynamodb"]["NewImage"]
            for record in event["Records"]
            if record["eventName"] == "INSERT"
            and record["dynamodb"]["Keys"]["SK"]["S"].startswith(self.sort_key_prefix)
        }
        failed = self.handle(images)
        facts = {"entries": len(images), "failed": len(failed)}
        log_line(operation_of(self.handle), begun, unexpected=bool(failed), facts=facts)
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def table_stream(
    *, sort_key_prefix: str, grants: Sequence[Grant]
) -> Callable[[Callable[..., Sequence[str]]], TableStream]:
    """Make a function the consumer of the table's stream. It returns the sequence numbers that failed."""

    def declare(handle: Callable[..., Sequence[str]]) -> TableStream:
        declared = TableStream(sort_key_prefix=sort_key_prefix, grants=grants, handle=handle)
        started(declared.grants)
        return declared

    return declare
