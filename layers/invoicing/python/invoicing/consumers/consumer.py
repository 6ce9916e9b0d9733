"""A function that processes the messages of a queue. The decorators are beside the sources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Required, TypedDict

from invoicing.aws.grants import Grant
from invoicing.consumers.source import EventSource
from invoicing.consumers.worker import Worker
from invoicing.http.declaration import Declaration, Layer, operation_of
from invoicing.http.warm import started


@dataclass(frozen=True, kw_only=True)
class Consumer(Declaration):
    """A consumer of events: EventBridge rule → queue with dead-letter queue → this function.

    `handle` is called for each message. A message that it fails on goes back into the queue, and after `attempts`
    deliveries into the dead-letter queue.
    """

    source: EventSource
    handle: Callable[..., None]
    timeout: int = 60
    attempts: int = 5
    delay: int = 0
    """Seconds that a message waits in the queue before its first delivery."""
    batch: int = 10
    """The most messages of one invocation: 1 where a message can exhaust the invocation's time or memory."""
    concurrency: int | None = None
    """How many workers process messages at the same time; None: as many as the stage's setting allows."""
    backlog: bool = False
    """Whether thousands of messages can wait in normal operation, so that an alarm about late ones has more time."""

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        """Process one batch of the queue. Returns the ids of the messages that go back into the queue."""
        worker = Worker(
            operation=operation_of(self.handle),
            source=self.source,
            handle=self.handle,
            attempts=self.attempts,
            sends_to_dlq=Grant.SEND_TO_DLQ in self.grants,
        )
        return worker.process(event, context)


class Options(TypedDict, total=False):
    """The options of every decorator. `Consumer` has the defaults."""

    grants: Required[Sequence[Grant]]
    layers: Sequence[Layer]
    memory: int
    timeout: int
    opt_in: str
    attempts: int
    delay: int
    batch: int
    concurrency: int
    backlog: bool


def consumer(source: EventSource, options: Options) -> Callable[[Callable[..., None]], Consumer]:
    """Make a function the consumer of a source."""

    def declare(handle: Callable[..., None]) -> Consumer:
        declared = Consumer(source=source, handle=handle, **options)
        started(declared.grants)
        return declared

    return declare
