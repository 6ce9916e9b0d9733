"""Faults: a function dies at one of its calls to AWS, before that reached AWS or before its answer came back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from tests.aws import AwsCalls
from tests.interception import put_between

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
    """Within, the function at work dies at its so manieth call, or at its first of an operation.

    What the test itself asks does not count.
    """
    worker = Worker()

    def between(name: str, _: Mapping[str, Any], ask: Callable[[], Any]) -> Any:
        operation = name.partition(":")[2]
        if aws.asking is None or operation.endswith(":presign"):
            return ask()
        worker.calls += 1
        if call not in (worker.calls, operation):
            return ask()
        worker.died_at = operation
        if moment == "after":
            ask()
        raise Killed(operation)

    with pytest.MonkeyPatch.context() as patch:
        put_between(patch, between)
        try:
            yield worker
        except Killed:
            aws.asking = None
