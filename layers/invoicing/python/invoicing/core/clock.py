"""The current time, and the wait before a retry."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime


def wait(longest: float) -> None:
    """Wait for a random time of up to this number of seconds, so that conflicting writers do not meet again."""
    time.sleep(random.uniform(0, longest))  # noqa: S311 — no secret


def windows(first: float, widest: float) -> Iterator[float]:
    """The bounds of successive waits in seconds: each is twice the one before, up to the widest."""
    while True:
        yield first
        first = min(widest, first * 2)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
