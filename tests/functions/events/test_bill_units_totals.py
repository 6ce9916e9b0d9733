"""The bound on totals of a run over subscriptions: it creates no draft above the bound, however it is interrupted."""

import random
import time
from collections import Counter
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.billing import bill_due, customer, results, step, worked
from tests.builders import item_json
from tests.conftest import Clock
from tests.events import deliver_raw, details
from tests.faults.injection import Fault, Kind
from tests.faults.rules import broken_rules
from tests.faults.snapshots import objects, rows
from tests.gateway import Client
from tests.simulation.interleaving import Actor, Interleaving
from tests.subscriptions import invoices, now_of, periods, subscribe

TWO = {"total": {"EUR": "750.00"}}
"""A bound below three invoices over 357.00."""


def due(api: Client, number: int, hour: int = 1, **fields: Any) -> list[dict[str, Any]]:
    """Subscriptions over 357.00 a month, billed in this order."""
    options = {"action": "finalize", "items": [item_json("Wartung", "300.00")], **fields}
    return [subscribe(api, hour=min(hour + place, 12), **options) for place in range(number)]


def resumed(api: Client, run: dict[str, Any], **body: Any) -> dict[str, Any]:
    api.post(f"/billing-runs/{run['id']}/resume", body).ok(202)
    return worked(api, run)


def test_no_draft_exceeds_the_bound(api: Client) -> None:
    made = due(api, 4)
    run = bill_due(api, brake=TWO) or {}
    assert (run["status"], run["parked_reason"], run["continues_as"]) == ("parked", "total", "drafting")
    assert (run["counts"]["drafted"], run["counts"]["finalized"], run["totals"]["EUR"]["total"]) == (2, 2, "714.00")
    assert [len(invoices(api, one)) for one in made] == [1, 1, 0, 0]
    assert api.get("/invoices?status=draft").ok()["data"] == []
    refused = api.post("/billing-runs", {"source": "subscriptions"})
    assert (refused.status, refused.code) == (409, "BILLING_RUN_ACTIVE")


def test_a_higher_bound_bills_the_others_once(api: Client) -> None:
    made = due(api, 5)
    run = bill_due(api, brake=TWO) or {}
    assert resumed(api, run)["counts"]["drafted"] == 2
    after = resumed(api, run, brake={"total": {"EUR": "1428.00"}})
    assert (after["parked_reason"], after["counts"]["finalized"]) == ("total", 4)
    after = resumed(api, run, brake={"total": {}})
    assert (after["status"], after["counts"]["finalized"], after["in_hand"]) == ("completed", 5, None)
    assert [one["number"] for one in results(api, run)] == [f"INV-2026-00000{number}" for number in range(1, 6)]
    assert [len(periods(api, one)) for one in made] == [1] * 5


def test_a_canceled_run_leaves_the_others_due(api: Client) -> None:
    made = due(api, 3)
    run = bill_due(api, brake=TWO) or {}
    api.post(f"/billing-runs/{run['id']}/cancel").ok()
    assert api.get("/invoices?status=draft").ok()["data"] == []
    after = bill_due(api) or {}
    assert (after["counts"]["selected"], after["counts"]["finalized"]) == (1, 1)
    assert [len(invoices(api, one)) for one in made] == [1, 1, 1]


def test_refused_drafts_leave_room(api: Client) -> None:
    """The first is refused when it is finalized, so two others fit."""
    made = due(api, 1, customer_id=customer(api, address=None)) + due(api, 3, 2)
    run = bill_due(api, brake=TWO | {"refused_percent": 100}) or {}
    assert (run["status"], run["parked_reason"]) == ("parked", "total")
    assert [run["counts"][name] for name in ("drafted", "refused", "finalized")] == [3, 1, 2]
    after = resumed(api, run, brake={"total": {}})
    assert (after["status"], after["counts"]["finalized"]) == ("completed", 3)
    assert [one["outcome"] for one in results(api, run)] == ["refused", "finalized", "finalized", "finalized"]
    assert now_of(api, made[0])["attention"] is not None


def test_the_periods_of_a_subscription_may_be_divided(api: Client) -> None:
    """The subscription that waits first has three open periods; drafts that are kept do not count."""
    kept = due(api, 1, action="draft", start_date="2026-01-10", catch_up="bill")
    made = due(api, 1, 2, start_date="2026-01-10", catch_up="bill")
    run = bill_due(api, brake=TWO) or {}
    assert (run["counts"]["selected"], run["counts"]["kept"], run["counts"]["finalized"]) == (6, 3, 2)
    assert (len(invoices(api, kept[0])), len(invoices(api, made[0]))) == (3, 2)
    after = resumed(api, run, brake={"total": {}})
    assert (after["status"], after["counts"]["finalized"], after["counts"]["subscriptions"]) == ("completed", 3, 2)


def test_subscriptions_that_wait_can_be_left_out(api: Client) -> None:
    made = due(api, 3)
    run = bill_due(api, brake=TWO) or {}
    after = resumed(api, run, skip=[made[2]["id"]])
    assert (after["status"], after["counts"]["skipped"], after["counts"]["left_out"]) == ("completed", 1, 1)
    assert invoices(api, made[2]) == []


def test_a_run_parked_between_keeps_its_source(api: Client) -> None:
    """Drafts are refused while others are not created yet: both can be left out, and no other run bills them."""
    incomplete, item = customer(api, address=None), item_json("Wartung", "220.00")
    wrong = [one for _ in range(20) for one in due(api, 1, customer_id=incomplete, items=[item])]
    made = due(api, 3, 2)
    run = bill_due(api, brake={"total": {"EUR": "6000.00"}}) or {}
    assert (run["status"], run["parked_reason"], run["counts"]["drafted"]) == ("parked", "refused", 22)
    assert api.post("/billing-runs", {"source": "subscriptions"}).code == "BILLING_RUN_ACTIVE"
    draft = invoices(api, made[0])[0]["id"]
    unknown = api.post(f"/billing-runs/{run['id']}/resume", {"skip": [draft, made[2]["id"], wrong[0]["id"]]})
    assert [one["pointer"] for one in unknown.json["errors"]] == ["/skip/2"]
    after = resumed(api, run, skip=[draft, made[2]["id"]], brake={"refused_percent": 100})
    assert (after["status"], after["counts"]["skipped"], after["counts"]["finalized"]) == ("completed", 2, 1)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 20))])
def test_workers_that_die_bill_each_period_once(
    api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch, at: Clock, seed: int
) -> None:
    """Ten workers of each step at the same time; half of them meet a fault. The bound is raised twice."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    made = due(api, 1, start_date="2026-01-10", catch_up="bill") + due(api, 4)
    run = api.post("/billing-runs", {"source": "subscriptions", "brake": TWO}).ok(202)
    chance = random.Random(seed)
    for bound in ({"EUR": "1430.00"}, {}, None):
        for worker in ("bill_units", "advance_run", "bill_units", "advance_run"):
            message = step(run, api.tenant_id)
            _let_ten_work(Interleaving(aws, chance), chance, worker, partial(deliver_raw, worker, message))
            found = api.get(f"/billing-runs/{run['id']}").ok()
            bound_now, sums = found["brake"]["total"].get("EUR"), found["totals"].get("EUR", {"total": "0"})
            assert bound_now is None or Decimal(sums["total"]) <= Decimal(bound_now)
        after = worked(api, run)
        if bound is not None:
            assert (after["status"], after["parked_reason"]) == ("parked", "total")
            assert api.get("/invoices?status=draft").ok()["data"] == []
            api.post(f"/billing-runs/{run['id']}/resume", {"brake": {"total": bound}}).ok(202)
    assert (after["status"], after["counts"]["drafted"], after["counts"]["finalized"]) == ("completed", 7, 7)
    assert [len(periods(api, one)) for one in made] == [3, 1, 1, 1, 1]
    assert [len(invoices(api, one)) for one in made] == [3, 1, 1, 1, 1]
    finalized = Counter(one["data"]["details"]["number"] for one in details("invoice.finalized"))
    assert finalized == Counter(f"INV-2026-00000{number}" for number in range(1, 8))
    assert broken_rules(rows(), objects()) == []


def _let_ten_work(stage: Interleaving, chance: random.Random, function: str, call: partial[list[str]]) -> None:
    def work(actor: Actor) -> None:
        while stage.attempt(actor, call) != []:
            pass

    def fault() -> Fault | None:
        return Fault(chance.randint(1, 8), chance.choice(list(Kind))) if chance.random() < 0.5 else None

    stage.run([Actor(function, work, fault()) for _ in range(10)])
