"""A lost race is retried, with growing waits, for a bounded time."""

import time
from collections.abc import Callable

import pytest

from invoicing.core.errors import ConcurrentModification
from invoicing.core.identity import Caller
from invoicing.invoices.errors import InvalidState
from invoicing.store import retry as retrying
from invoicing.store.retry import retry_on_conflict
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.builders import NOON


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The windows of the waits, which are the only passing time."""
    windows: list[float] = []
    now = time.monotonic()
    monkeypatch.setattr(retrying, "wait", windows.append)
    monkeypatch.setattr(time, "monotonic", lambda: now + sum(windows))
    return windows


def losing(times: int) -> tuple[list[Store], Callable[[Store], str]]:
    """A decision that loses this number of races, and its stores."""
    stores: list[Store] = []

    def decide(store: Store) -> str:
        stores.append(store)
        if len(stores) <= times:
            raise ConcurrentModification
        return "done"

    return stores, decide


def work(ends: float | None = None) -> Store:
    session = Session(Caller.system("ten_1"), NOON)
    if ends is not None:
        session.ends = ends
    return Store(session)


def test_each_attempt_reads_again(rests: list[float]) -> None:
    stores, decide = losing(3)
    assert retry_on_conflict(work(), decide) == "done"
    assert len({id(store.session) for store in stores}) == 4


def test_waits_grow_to_two_seconds(rests: list[float]) -> None:
    _, decide = losing(8)
    retry_on_conflict(work(), decide)
    assert rests == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_a_race_lost_for_twenty_seconds_is_refused(rests: list[float]) -> None:
    stores, decide = losing(1_000)
    with pytest.raises(ConcurrentModification):
        retry_on_conflict(work(), decide)
    assert sum(rests) == pytest.approx(20.0)
    assert len(stores) == len(rests) + 1


def test_it_ends_with_the_invocation(rests: list[float]) -> None:
    stores, decide = losing(1_000)
    with pytest.raises(ConcurrentModification):
        retry_on_conflict(work(ends=time.monotonic() - 1), decide)
    assert (len(stores), rests) == (1, [])


def test_another_refusal_is_final(rests: list[float]) -> None:
    def refuse(_: Store) -> None:
        raise InvalidState

    with pytest.raises(InvalidState):
        retry_on_conflict(work(), refuse)
    assert rests == []
