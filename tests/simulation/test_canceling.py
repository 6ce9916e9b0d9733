"""A subscription is canceled while it is billed: in any order of the calls, each day is charged once."""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from invoicing.core import clock, ids
from tests.aws import AwsCalls
from tests.billing import step, worked
from tests.builders import item_json
from tests.conftest import Clock
from tests.events import deliver_raw, strike
from tests.faults.injection import Fault, Kind
from tests.faults.rules import broken_rules
from tests.faults.snapshots import objects, restore, rows, take
from tests.gateway import Client, Response, answered, authorized
from tests.simulation.interleaving import Actor, Interleaving
from tests.subscriptions import bill, bill_at, invoices, now_of, subscribe

SEEDS = 20
PARTS = 10
START, SECOND = date(2026, 3, 10), date(2026, 4, 10)
"""The first days of the two periods. They cost 30.00 and 31.00 a day, in advance and in arrears."""
KEY = {"Idempotency-Key": "end"}
"""The client repeats its request without an answer, also after the subscription has ended."""
ENDS = ("2026-04-05", "2026-04-09", "2026-04-10", "2026-04-20")


class Race(NamedTuple):
    """An end, and whether billed days after it are credited."""

    on: date
    refund: str

    @property
    def body(self) -> dict[str, str]:
        """The request."""
        return {"at": "date", "on": self.on.isoformat(), "refund": self.refund}

    @property
    def charged(self) -> tuple[int, int]:
        """The net amounts of all documents: if the client is first, and if the run is first."""
        later = 31 * max(0, (self.on - SECOND).days + 1)
        served = 30 * min(31, (self.on - START).days + 1) + later
        if self.refund == "credit":
            return 2 * served, 2 * served
        # The first period in advance is billed before, and the lines of the run stay.
        return 930 + later + served, 3 * 930 + later


@pytest.fixture
def due(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A subscription that is due on 10 April, with the run of this hour."""
    # A worker that waits would keep the others from their turn.
    monkeypatch.setattr(time, "sleep", lambda _: None)
    items = [item_json("Advance", "930.00"), item_json("Arrears", "930.00", timing="arrears")]
    made = subscribe(api, items=items, action="finalize")
    bill(api, made)
    at.now += timedelta(days=31)
    assert strike("collect_due", api.tenant_id) == []
    return made


@pytest.fixture
def compete(
    api: Client, at: Clock, aws: AwsCalls, due: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], int]:
    """Runs the race of a seed, and checks the documents afterwards. Returns who was first, if the documents show it."""
    [run, *_] = api.get("/billing-runs?source=subscriptions").ok()["data"]
    began = take(at)

    def race_of(seed: int) -> int:
        chance = random.Random(seed)
        monkeypatch.setattr(ids, "secrets", SimpleNamespace(randbits=chance.getrandbits))
        monkeypatch.setattr(clock, "random", chance)
        restore(began, at, aws)
        race = Race(date.fromisoformat(chance.choice(ENDS)), chance.choice(["credit", "none"]))
        run_race(api, aws, chance, due, run, race)
        worked(api, run)
        for moment in ("2026-04-21T12:00", "2026-07-01T12:00"):
            bill_at(api, at, moment, due)
        return require_each_day_once(api, due, race)

    return race_of


def run_race(
    api: Client, aws: AwsCalls, chance: random.Random, due: dict[str, Any], run: dict[str, Any], race: Race
) -> None:
    """The client, and two workers for each step of the run, of which two in five meet a fault."""
    stage, message = Interleaving(aws, chance), step(run, api.tenant_id)
    function, event = api.request("PUT", f"/subscriptions/{due['id']}/cancellation", race.body, headers=KEY)
    _, event["requestContext"]["authorizer"] = authorized(event)

    def ask(actor: Actor) -> None:
        answer: Response | None = None
        while answer is None or answer.status >= 500 or lost(answer):
            answer = stage.attempt(actor, lambda: answered(function, event))
        assert answer.status == 200, answer.text

    def work(actor: Actor) -> None:
        while stage.attempt(actor, partial(deliver_raw, actor.function, message)) != []:
            pass

    def fault() -> Fault | None:
        return Fault(chance.randint(1, 6), chance.choice(list(Kind))) if chance.random() < 0.4 else None

    workers = [Actor(name, work, fault()) for name in ("bill_units", "advance_run") for _ in range(2)]
    stage.run([Actor(function.name, ask, fault()), *workers])


def lost(answer: Response) -> bool:
    """Whether another writer was first, so that the client repeats its request."""
    return answer.status == 409 and answer.code in {"CONCURRENT_MODIFICATION", "IDEMPOTENCY_IN_PROGRESS"}


def require_each_day_once(api: Client, due: dict[str, Any], race: Race) -> int:
    """The documents charge the days until the end, and those that were billed before if they are not credited."""
    documents, days = invoices(api, due), defaultdict(list)
    for one in documents:
        for line in one["lines"] if one["type"] == "invoice" else ():
            days[line["name"].partition(",")[0]].append((line["period"]["start"], line["period"]["end"]))
    for found in days.values():
        assert all(one[1] < two[0] for one, two in pairwise(sorted(found))), (race, found)
    net = sum(Decimal(one["subtotal"]) * (1 if one["type"] == "invoice" else -1) for one in documents)
    assert net in race.charged, (race, net, race.charged)
    assert now_of(api, due)["status"] == "ended"
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []
    assert broken_rules(rows(), objects()) == []
    return race.charged.index(int(net))


def test_a_race_of_an_end_and_a_bill_charges_each_day_once(compete: Callable[[int], int]) -> None:
    """Hazard 3: a subscription ends while its bill waits in the queue. Each of both is first in some races."""
    assert {compete(seed) for seed in range(SEEDS)} == {0, 1}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_races_of_an_end_and_a_bill_charge_each_day_once(compete: Callable[[int], int], part: int) -> None:
    for seed in range(part * SEEDS, (part + 1) * SEEDS):
        compete(seed)
