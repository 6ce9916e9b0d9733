"""Many things in one run of which none may stop the others."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic


def one_by_one(ids: Iterable[str], do: Callable[[str], object]) -> None:
    """Process each item; raise all errors together at the end, so that none keeps the others waiting."""
    failures: list[Exception] = []
    for id_ in ids:
        try:
            do(id_)
        except Exception as failure:  # noqa: BLE001 — whatever it is, it is raised below
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some items failed", failures)


def within[T](seconds: float, items: Iterable[T]) -> Iterator[T]:
    """The items one after the other, until so many seconds have passed; the next run goes on with the rest."""
    until = monotonic() + seconds
    for item in items:
        yield item
        if monotonic() >= until:
            return
