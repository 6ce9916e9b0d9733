"""All entries of a list as a CSV file, which reads page after page."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from pydantic import BaseModel

from invoicing.core.page import ListQuery, Page
from invoicing.http.lists.rows import BYTE_ORDER_MARK, header, lines

ENTRIES_A_PAGE: Final = 100
MOST_BYTES: Final = 32 * 1024 * 1024
"""The size from which on a file ends with its page: the memory of a function is limited."""
MOST_SECONDS: Final = 18
"""The time after which a file ends with its page. The gateway waits 29 seconds for a response."""


class Export(NamedTuple):
    """A CSV file, and the cursor of the entries that it has no more; None if it has all."""

    content: bytes
    next_cursor: str | None


def exported(
    model: type[BaseModel], query: ListQuery | None, page_at: Callable[[ListQuery | None], Page[BaseModel]]
) -> Export:
    """The entries of a list from the cursor of a query on. `page_at` reads the page of a query."""
    ends = time.monotonic() + MOST_SECONDS
    parts, size = [(BYTE_ORDER_MARK + header(model)).encode()], 0
    asked = query and query.model_copy(update={"limit": ENTRIES_A_PAGE})
    while True:
        page = page_at(asked)
        parts.append(lines(model, page.data).encode())
        size += len(parts[-1])
        if asked is None or page.next_cursor is None or size >= MOST_BYTES or time.monotonic() >= ends:
            return Export(b"".join(parts), page.next_cursor)
        asked = asked.model_copy(update={"cursor": page.next_cursor})
