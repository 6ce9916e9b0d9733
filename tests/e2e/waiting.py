"""Waiting for asynchronous work of the stack."""

import time
from collections.abc import Callable

SECONDS = 60


def until[T](found: Callable[[], T], seconds: float = SECONDS) -> T:
    """Wait for a result that is not empty, and return it."""
    deadline = time.monotonic() + seconds
    while not (result := found()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return result
