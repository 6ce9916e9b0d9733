"""Fifty workers bill one hour at the same time, some of them dying or losing answers: one invoice a period."""

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from tests.aws import AwsCalls
from tests.billing import bill_hour, step, worked
from tests.conftest import Clock
from tests.events import deliver_raw, details, strike
from tests.faults.injection import Fault, Kind
from tests.faults.rules import broken_rules
from tests.faults.snapshots import objects, rows
from tests.gateway import Client
from tests.simulation.interleaving import Actor, Interleaving
from tests.subscriptions import invoices, now_of, periods, subscribe

SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 20))]


@pytest.mark.parametrize("action", ["draft", "send"])
@pytest.mark.parametrize("seed", SEEDS)
def test_fifty_workers_bill_each_period_once(
    api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch, action: str, seed: int
) -> None:
    """Hazards 1 and 13: ten start the run of the hour, twenty create its drafts, twenty finalize them."""
    # A worker that waits would keep the others from their turn.
    monkeypatch.setattr(time, "sleep", lambda _: None)
    made = subscribe(api, start_date="2026-01-10", catch_up="bill", action=action)
    other = subscribe(api, action=action)
    chance = random.Random(seed)
    _let_work(Interleaving(aws, chance), chance, 10, "collect_due", partial(strike, "collect_due", api.tenant_id))
    [run] = api.get("/billing-runs?source=subscriptions").ok()["data"]
    message = step(run, api.tenant_id)
    for worker in ("bill_units", "advance_run"):
        _let_work(Interleaving(aws, chance), chance, 20, worker, partial(deliver_raw, worker, message))
    after = worked(api, run)
    assert (after["status"], after["counts"]["drafted"], after["counts"]["subscriptions"]) == ("completed", 4, 2)
    assert [one["start"] for one in periods(api, made)] == ["2026-01-10", "2026-02-10", "2026-03-10"]
    for one in (made, other):
        assert sorted(period["invoice_id"] for period in periods(api, one)) == sorted(
            invoice["id"] for invoice in invoices(api, one)
        )
    assert len(details("subscription.period_billed")) == 4
    assert now_of(api, made)["occurrences"]["done"] == 3
    finalized = Counter(one["data"]["details"]["number"] for one in details("invoice.finalized"))
    assert finalized == Counter(f"INV-2026-00000{number}" for number in (1, 2, 3, 4) if action == "send")
    assert broken_rules(rows(), objects()) == []
    assert bill_hour(api) is None


def _let_work(
    stage: Interleaving, chance: random.Random, count: int, function: str, call: Callable[[], list[str]]
) -> None:
    """Deliver one message to workers at the same time, each until it succeeds; two in five of them meet a fault."""

    def work(actor: Actor) -> None:
        while stage.attempt(actor, call) != []:
            pass

    stage.run([Actor(function, work, _fault(chance)) for _ in range(count)])


def _fault(chance: random.Random) -> Fault | None:
    """A fault at one of the first calls of two in five workers."""
    return Fault(chance.randint(1, 8), chance.choice(list(Kind))) if chance.random() < 0.4 else None
