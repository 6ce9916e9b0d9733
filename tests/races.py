"""Races: another writer is faster, between what a function reads and what it writes."""

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
        """Let the next writer act. What it writes itself is not disturbed."""
        if self.acts and not self.acting:
            self.acting = True
            try:
                self.acts.pop(0)()
            finally:
                self.acting = False


@contextmanager
def meanwhile(*acts: Callable[[], object]) -> Iterator[Race]:
    """Within, each of the next transactions finds that one of these was faster; nobody waits before a new attempt."""
    race = Race(list(acts))

    def disturbed(*writes: Any, **how: Any) -> None:
        race.act()
        transact(*writes, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "transact", disturbed)
        patch.setattr(retrying, "rest", lambda _: None)
        yield race
    assert not race.acts, f"{len(race.acts)} writers never got their turn"
