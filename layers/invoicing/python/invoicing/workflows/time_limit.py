"""Work that goes on until its time is up."""

from collections.abc import Iterable, Iterator
from time import monotonic


def within[T](seconds: float, items: Iterable[T]) -> Iterator[T]:
    """The items one after the other, until so many seconds have passed; the next run goes on with the rest."""
    until = monotonic() + seconds
    for item in items:
        yield item
        if monotonic() >= until:
            return
