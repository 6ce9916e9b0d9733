"""Many items in one run. A failure of one does not stop the others."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic


def run_all_then_raise[T](items: Iterable[T], do: Callable[[T], object]) -> None:
    """Call `do` with each item. Failures are raised together after the last one."""
    failures: list[Exception] = []
    for item in items:
        try:
            do(item)
        except Exception as failure:  # noqa: BLE001 — it is raised below
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some items failed", failures)


def within[T](seconds: float, items: Iterable[T]) -> Iterator[T]:
    """Yield items until this number of seconds has passed; the next run continues with the rest."""
    until = monotonic() + seconds
    for item in items:
        yield item
        if monotonic() >= until:
            return
