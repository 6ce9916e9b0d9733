"""Long steps, shown while they run and timed when they are done."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 42


def line(text: str, seconds: float) -> str:
    """A finished step, and its duration."""
    return f"  {text:<{WIDTH}}{seconds:6.2f} s"


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print a step on standard error, and its duration when it is done."""
    if sys.stderr.isatty():
        print(f"  {text} …", end="\r", file=sys.stderr, flush=True)
    begun = time.monotonic()
    yield
    print(line(text, time.monotonic() - begun), file=sys.stderr, flush=True)
