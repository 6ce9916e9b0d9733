"""Deciding again on what others change at the same moment."""

from collections.abc import Callable
from contextlib import suppress

from invoicing.domain.errors import ConcurrentModification

ATTEMPTS = 10


def afresh[T](decide: Callable[[], T]) -> T:
    """Read, decide and commit; again from the reading on while somebody else changes the same.

    For what nobody is there to send again: what happened outside has happened.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(ConcurrentModification):
            return decide()
    return decide()
