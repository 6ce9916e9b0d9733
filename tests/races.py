"""Races: another writer is faster, between a function's read and its write."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from invoicing.store import retry as retrying
from invoicing.store import store
from invoicing.store.transaction import transact


@dataclass
class Race:
    """Other writers, each of which acts before one of the next transactions."""

    acts: list[Callable[[], object]] = field(default_factory=list)
    acting: bool = False

    def act(self) -> None:
        """Let the next writer act. Its own writes are not disturbed."""
        if self.acts and not self.acting:
            self.acting = True
            try:
                self.acts.pop(0)()
            finally:
                self.acting = False


@contextmanager
def meanwhile(*acts: Callable[[], object]) -> Iterator[Race]:
    """In the context, each of the next transactions loses against one of these writers. Retries do not wait."""
    race = Race(list(acts))

    def disturbed(*writes: Any, **how: Any) -> None:
        race.act()
        transact(*writes, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "transact", disturbed)
        patch.setattr(retrying, "wait", lambda _: None)
        yield race
    assert not race.acts, f"{len(race.acts)} writers never got their turn"
