"""Lists without pages."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from .models import Problem
from .problems import succeeded


class Page[T](Protocol):
    """One page of a list."""

    @property
    def data(self) -> Sequence[T]:
        """The entries."""

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page; None on the last one."""


def every[**P, T](list_page: Callable[P, Page[T] | Problem | None], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
    """Every entry of a list. Each further page is requested when its first entry is needed.

    `every(list_invoices.sync, client=client, overdue=True)`: the function of the list, and its arguments.
    """
    while True:
        page = succeeded(list_page(*args, **kwargs))
        yield from page.data
        if page.next_cursor is None:
            return
        kwargs["cursor"] = page.next_cursor
