"""Repeat a decision after another writer was faster."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from invoicing.core.clock import wait, windows
from invoicing.core.errors import ConcurrentModification, DomainError, IdempotencyInProgress

if TYPE_CHECKING:
    from invoicing.store.store import Store

RETRY_SECONDS = 20.0
"""The contract's bound. With one more attempt it stays below the 29 s after which API Gateway gives up."""
_FIRST_WINDOW = 0.05
_WIDEST_WINDOW = 2.0
LOST_RACES: tuple[type[DomainError], ...] = (ConcurrentModification, IdempotencyInProgress)
"""Refusals after which nothing was written and a decision on the newest state may succeed."""


def retry_on_conflict[T](
    store: "Store", decide: Callable[["Store"], T], *, lost: tuple[type[DomainError], ...] = LOST_RACES
) -> T:
    """Read, decide and commit; on a lost race again on the newest state, for at most 20 seconds.

    Each attempt gets a fresh store, which remembers nothing that an earlier one read. Attempts are spread with full
    jitter over a window that doubles: fifty writers of one row need only seconds.
    """
    until = min(time.monotonic() + RETRY_SECONDS, store.session.ends)
    waits = windows(_FIRST_WINDOW, _WIDEST_WINDOW)
    while True:
        try:
            return decide(store.fresh(until))
        except lost:
            left = until - time.monotonic()
            if left <= 0:
                raise
        wait(min(next(waits), left))
