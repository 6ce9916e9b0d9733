"""Fifty workers bill one subscription at the same time, some of them dying or losing answers: one invoice a period."""

import random
import time

import pytest

from tests.aws import AwsCalls
from tests.conftest import Clock
from tests.events import deliver_units, details
from tests.faults.injection import Fault, Kind
from tests.gateway import Client
from tests.simulation.interleaving import Actor, Interleaving
from tests.subscriptions import invoices, now_of, periods, subscribe

WORKERS = 50


SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 20))]


@pytest.mark.parametrize("action", ["draft", "send"])
@pytest.mark.parametrize("seed", SEEDS)
def test_fifty_workers_bill_each_period_once(
    api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch, action: str, seed: int
) -> None:
    # A worker that waits would keep the others from their turn.
    monkeypatch.setattr(time, "sleep", lambda _: None)
    made = subscribe(api, start_date="2026-01-10", catch_up="bill", action=action)
    chance = random.Random(seed)
    stage = Interleaving(aws, chance)

    def work(actor: Actor) -> None:
        while stage.attempt(actor, lambda: deliver_units(api.tenant_id, [made["id"]])) != []:
            pass

    stage.run([Actor("bill_units", work, _fault(chance)) for _ in range(WORKERS)])
    found = invoices(api, made)
    assert [one["start"] for one in periods(api, made)] == ["2026-01-10", "2026-02-10", "2026-03-10"]
    assert sorted(one["invoice_id"] for one in periods(api, made)) == sorted(one["id"] for one in found)
    assert len(details("subscription.period_billed")) == 3
    assert now_of(api, made)["occurrences"]["done"] == 3
    if action == "send":
        assert sorted(one["number"] for one in found) == [f"INV-2026-00000{number}" for number in (1, 2, 3)]


def _fault(chance: random.Random) -> Fault | None:
    """A fault at one of the first calls of two in five workers."""
    return Fault(chance.randint(1, 8), chance.choice(list(Kind))) if chance.random() < 0.4 else None
