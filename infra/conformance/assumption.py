"""Assumptions about AWS: their registration, and the words in which a check expresses them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

Area = Literal["DynamoDB", "S3", "SQS", "EventBridge", "API Gateway"]
_SECONDS = 60.0


class Violated(Exception):
    """AWS, or an emulator of it, behaves differently from an assumption."""


@dataclass(frozen=True)
class Assumption:
    """A behavior of AWS that the code relies on. `check` raises `Violated` if it is absent."""

    area: Area
    name: str
    text: str
    check: Callable[[Any], None]
    concurrent: bool = False
    """Whether it is about calls at the same time, which an emulator inside one process cannot have."""


_REGISTERED: list[Assumption] = []


def assumption[C: Callable[[Any], None]](area: Area, *, concurrent: bool = False) -> Callable[[C], C]:
    """Register a check as an assumption. The first line of its docstring is the assumed behavior."""

    def register(check: C) -> C:
        text = (check.__doc__ or "").strip().split("\n", 1)[0]
        _REGISTERED.append(Assumption(area, check.__name__, text, check, concurrent))
        return check

    return register


def registered() -> tuple[Assumption, ...]:
    """All assumptions of the imported modules, in their order there."""
    return tuple(_REGISTERED)


def require(condition: object, found: object) -> None:
    """Refuse a behavior; `found` describes it."""
    if not condition:
        raise Violated(str(found))


def require_equal(found: object, expected: object) -> None:
    """Refuse a value other than the expected one."""
    require(found == expected, f"{found!r} instead of {expected!r}")


def refused(code: str, call: Callable[..., object], **params: Any) -> dict[str, Any]:
    """The error response of a call that AWS has to refuse with this code."""
    try:
        call(**params)
    except ClientError as error:
        answer: Any = error.response
        require_equal(answer["Error"]["Code"], code)
        return dict(answer)
    raise Violated(f"accepted instead of {code}")


def eventually[T](find: Callable[[], T], expected: str, *, seconds: float = _SECONDS, pause: float = 0.05) -> T:
    """Wait for a result that is not empty. `expected` describes it."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        if time.monotonic() > deadline:
            raise Violated(f"{expected} did not come within {seconds:.0f} s")
        time.sleep(pause)
    return found
