"""Long steps, told while they run and timed when they are done."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_WIDTH = 66


@contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done; when it is done, how long it took."""
    alive = sys.stderr.isatty()
    if alive:
        print(f"  {text} …", end="\r", file=sys.stderr, flush=True)
    begun = time.monotonic()
    yield
    print(f"  {text:<{_WIDTH}}{time.monotonic() - begun:7.2f} s", file=sys.stderr, flush=True)
