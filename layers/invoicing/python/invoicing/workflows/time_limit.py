"""Work that goes on until its time is up."""

import time
from collections.abc import Iterable, Iterator


def within[T](seconds: float, items: Iterable[T]) -> Iterator[T]:
    """The items one after the other, until so many seconds have passed; the next run goes on with the rest."""
    until = time.monotonic() + seconds
    for item in items:
        yield item
        if time.monotonic() >= until:
            return
