"""Waiting for what the stack does by itself."""

import time
from collections.abc import Callable

SECONDS = 60


def until[T](found: Callable[[], T]) -> T:
    """What there is once there is something."""
    deadline = time.monotonic() + SECONDS
    while not (result := found()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return result
