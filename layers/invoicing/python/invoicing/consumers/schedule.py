"""`@schedule` and `@stream_subscriber`: functions that a clock or the table's stream starts."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invoicing.aws.grants import Grant
from invoicing.core import clock
from invoicing.http.declaration import Declaration, operation_of
from invoicing.http.warm import started
from invoicing.observability import log_line


@dataclass(frozen=True, kw_only=True)
class StreamSubscriber(Declaration):
    """A consumer of what is newly inserted into the table under a sort key prefix (`ACT#`: the outbox).

    What fails is tried again until it is `max_age_hours` old; the stream keeps its records for 24 hours.
    """

    sort_key_prefix: str
    handle: Callable[..., Sequence[str]]
    max_age_hours: int = 12

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:  # noqa: ARG002 — Lambda's form
        """Work off one batch of the stream; what failed is reported item by item."""
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


@dataclass(frozen=True, kw_only=True)
class Schedule(Declaration):
    """Something that is done at fixed times (UTC). `expression` is EventBridge Scheduler's."""

    expression: str
    handle: Callable[..., None]

    def __call__(self, event: Mapping[str, Any], context: object) -> None:  # noqa: ARG002 — Lambda's form
        """Run once."""
        begun = time.perf_counter()
        try:
            self.handle(clock.now())
        except Exception:
            log_line(operation_of(self.handle), begun, unexpected=True, facts={})
            raise
        log_line(operation_of(self.handle), begun, unexpected=False, facts={})


def stream_subscriber(
    *, sort_key_prefix: str, grants: Sequence[Grant]
) -> Callable[[Callable[..., Sequence[str]]], StreamSubscriber]:
    """Make a function the consumer of the table's stream; it returns the sequence numbers that failed."""

    def declare(handle: Callable[..., Sequence[str]]) -> StreamSubscriber:
        declared = StreamSubscriber(sort_key_prefix=sort_key_prefix, grants=tuple(grants), handle=handle)
        started(declared.grants)
        return declared

    return declare


def schedule(
    expression: str, *, grants: Sequence[Grant], timeout: int = Schedule.timeout
) -> Callable[[Callable[..., None]], Schedule]:
    """Make a function run at fixed times, e.g. `rate(5 minutes)`."""

    def declare(handle: Callable[..., None]) -> Schedule:
        declared = Schedule(expression=expression, grants=tuple(grants), timeout=timeout, handle=handle)
        started(declared.grants)
        return declared

    return declare
