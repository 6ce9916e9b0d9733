"""Faults: a function dies at one of its calls to AWS, before it reached AWS or before its response came back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from tests.aws import AwsCalls
from tests.aws_events import Listener, listening
from tests.events import strike

Moment = Literal["before", "after"]


class Killed(BaseException):
    """The worker is gone. No handler of ours catches this, as none catches a timeout."""


@dataclass
class Worker:
    """A worker that dies at a call, counted from 1; `died_at` is the operation."""

    calls: int = 0
    died_at: str | None = None


@contextmanager
def dies_at(call: int | str, moment: Moment, aws: AwsCalls) -> Iterator[Worker]:
    """In the context, the running function dies at the call of this number, or at its first call of an operation.

    Calls of the test itself do not count.
    """
    worker = Worker()
    with listening(_Death(call, moment, aws, worker)):
        try:
            yield worker
        except Killed:
            aws.asking = None


def strike_through_a_death(consumer: str, tenant_id: str, call: int, moment: Moment, aws: AwsCalls) -> None:
    """Run an hourly consumer whose worker dies at a call; two repeated deliveries then succeed."""
    with dies_at(call, moment, aws) as worker:
        strike(consumer, tenant_id)
    assert worker.died_at is not None
    for _ in range(2):
        assert strike(consumer, tenant_id) == []


class _Death(Listener):
    def __init__(self, call: int | str, moment: Moment, aws: AwsCalls, worker: Worker) -> None:
        self.call, self.moment, self.aws, self.worker = call, moment, aws, worker

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        """Count the call; die at it before it is sent."""
        if self.aws.asking is None:
            return
        self.worker.calls += 1
        operation = name.partition(":")[2]
        if self.call in (self.worker.calls, operation):
            self.worker.died_at = operation
            if self.moment == "before":
                raise Killed(operation)

    def after(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        """Die at the call once it is carried out."""
        if self.worker.died_at is not None:
            raise Killed(self.worker.died_at)
