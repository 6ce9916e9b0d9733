"""A fault at one call that a function makes to AWS: five ways in which a call fails."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, NamedTuple

from tests.aws import AwsCalls
from tests.aws_events import LOST, Listener, client_error, listening
from tests.faults.deaths import Killed


class Kind(StrEnum):
    """How a call fails."""

    ERROR_BEFORE = "error_before"
    """AWS responds with 500 and did nothing."""
    ANSWER_LOST = "answer_lost"
    """AWS carried out the call; the connection broke before the response arrived."""
    THROTTLED = "throttled"
    """AWS throttles the call."""
    KILLED_BEFORE = "killed_before"
    """The worker dies before the call is sent."""
    KILLED_AFTER = "killed_after"
    """The worker dies once the call was carried out."""


class Fault(NamedTuple):
    """A fault at a call, counted from 1."""

    call: int
    kind: Kind


_THROTTLED = {
    "dynamodb": (400, "ThrottlingException"),
    "s3": (503, "SlowDown"),
    "ses": (429, "TooManyRequestsException"),
}
_DIES = {Kind.KILLED_BEFORE, Kind.KILLED_AFTER}


class Injection(Listener):
    """Counts the calls of one function, and lets one of them fail."""

    def __init__(self, function: str, fault: Fault | None, aws: AwsCalls) -> None:
        self.function, self.fault, self.aws = function, fault, aws
        self.calls: list[str] = []
        self.hit = self.dead = False

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        """Count the call; let it fail before it is sent."""
        if self.aws.asking != self.function:
            return
        if self.dead:
            raise Killed(name)
        self.calls.append(name)
        self.hit = self.fault is not None and len(self.calls) == self.fault.call
        if not self.hit or self.fault is None:
            return
        service, operation = name.split(":")
        if self.fault.kind is Kind.ERROR_BEFORE:
            raise client_error(operation, 500, "InternalServerError")
        if self.fault.kind is Kind.THROTTLED:
            raise client_error(operation, *_THROTTLED.get(service, (400, "ThrottlingException")))
        if self.fault.kind is Kind.KILLED_BEFORE:
            self.dead = True
            raise Killed(name)

    def after(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        """Let the call fail once it was carried out."""
        if not self.hit or self.fault is None or self.aws.asking != self.function:
            return
        self.hit = False
        if self.fault.kind is Kind.ANSWER_LOST:
            raise LOST
        if self.fault.kind is Kind.KILLED_AFTER:
            self.dead = True
            raise Killed(name)


@contextmanager
def injected(function: str, fault: Fault | None, aws: AwsCalls) -> Iterator[Injection]:
    """In the context, the function has this fault. The caller of a killed worker gets no response."""
    injection = Injection(function, fault, aws)
    with listening(injection):
        try:
            yield injection
        except Killed:
            assert injection.dead
