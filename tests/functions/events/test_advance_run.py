"""billing_run.started → its documents, each exactly once: hazards 1, 12 and 13."""

import random
from collections import Counter
from datetime import timedelta
from itertools import cycle, product
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from invoicing.billing_runs import batch, block, collecting, workflow
from invoicing.billing_runs.block import Block
from invoicing.core import clock, ids
from invoicing.core.model import instant_text
from invoicing.core.tolerant import WrittenByNewerVersion
from invoicing.issuing.finalizing import finalized
from tests import billing
from tests.aws import AwsCalls, damage
from tests.builders import customer_json, line_json
from tests.conftest import Clock
from tests.events import deliver, deliver_raw, details
from tests.faults.deaths import Moment, dies_at
from tests.faults.injection import Fault, Kind
from tests.faults.rules import broken_rules
from tests.faults.snapshots import objects, rows
from tests.gateway import Client
from tests.many import fill_drafts
from tests.races import meanwhile
from tests.simulation.interleaving import Actor, Interleaving
from tests.world import issue

DRAFTS = 5


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two documents, and two blocks for each message."""
    monkeypatch.setattr(block, "MAX_WRITES", 15)
    monkeypatch.setattr(workflow, "IDS_A_BATCH", 4)
    monkeypatch.setattr(workflow, "WORK_SECONDS", 0.0)
    monkeypatch.setattr(clock, "random", SimpleNamespace(uniform=lambda _, longest: 0.0 * longest))


@pytest.fixture
def run(api: Client, small: None) -> dict[str, Any]:
    return billing.start(api, billing.drafts(api, DRAFTS), send=True)


def require_once(api: Client, run: dict[str, Any]) -> None:
    """Each document is finalized once, without a gap in the numbers, and each is mailed once when it is rendered."""
    after = api.get(f"/billing-runs/{run['id']}").ok()
    assert (after["status"], after["counts"]["finalized"], after["counts"]["sent"]) == ("completed", DRAFTS, DRAFTS)
    found = billing.results(api, run)
    assert [one["number"] for one in found] == [f"INV-2026-{count:06}" for count in range(1, DRAFTS + 1)]
    finalized = Counter(one["resource"]["id"] for one in details("invoice.finalized"))
    assert finalized == Counter(one["invoice_id"] for one in found)
    assert len(details("billing_run.completed")) == 1
    assert broken_rules(rows(), objects()) == []


def test_a_block_is_one_transaction(api: Client, aws: AwsCalls) -> None:
    """The limit of DynamoDB, 100 items, holds 19 documents of five items each."""
    run = billing.start(api, billing.drafts(api, 20))
    with aws.only("advance_run") as calls:
        assert deliver("advance_run", billing.begun(run)) == []
    written = [len(call.params["TransactItems"]) for call in calls.calls if "TransactItems" in call.params]
    assert written == [19 * 5 + 3, 1 * 5 + 3 + 2]
    # The run and its selection; the drafts; the tenant, the customer and the counter.
    assert calls.names == {"dynamodb:BatchGetItem": 3, "dynamodb:TransactWriteItems": 2}


def test_a_run_works_in_steps_that_follow_from_each_other(api: Client, aws: AwsCalls, run: dict[str, Any]) -> None:
    assert deliver("advance_run", billing.begun(run)) == []
    assert api.get(f"/billing-runs/{run['id']}").ok()["counts"]["finalized"] == 4
    [step] = billing.requested_steps(aws)
    assert deliver_raw("advance_run", step) == []
    assert len(billing.requested_steps(aws)) == 1
    require_once(api, run)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(1, 7))
def test_a_killed_worker_leaves_no_gap(
    api: Client, aws: AwsCalls, run: dict[str, Any], call: int, moment: Moment
) -> None:
    with dies_at(call, moment, aws) as worker:
        deliver("advance_run", billing.begun(run))
    assert worker.died_at is not None
    assert billing.advance(aws, billing.begun(run)) == []
    require_once(api, run)


@pytest.mark.slow
def test_deaths_at_every_call_leave_no_gap_in_a_thousand(api: Client, aws: AwsCalls) -> None:
    """Hazard 13. Each delivery dies one call later than the one before it, up to the end of a second batch."""
    first = api.get(f"/invoices/{billing.draft(api, customer_id=billing.customer(api))}").ok()
    fill_drafts(first, 999)
    run = api.post("/billing-runs", {"filter": {}, "brake": {"invoices": 1_000}}).ok(202)
    event, deaths = billing.begun(run), cycle(product(range(1, 20), get_args(Moment)))
    while (after := api.get(f"/billing-runs/{run['id']}").ok())["status"] == "finalizing":
        with dies_at(*next(deaths), aws):
            deliver("advance_run", event)
    assert (after["status"], after["counts"]["finalized"]) == ("completed", 1_000)
    assert after["numbers"] == [{"series": "invoice", "year": 2026, "from": "INV-2026-000001", "to": "INV-2026-001000"}]
    finalized = Counter(one["data"]["details"]["number"] for one in details("invoice.finalized"))
    assert finalized == Counter(f"INV-2026-{count:06}" for count in range(1, 1_001))
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []


def test_fifty_workers_finalize_each_document_once(
    api: Client, aws: AwsCalls, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    let_fifty_work(api, aws, run, random.Random(22), monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_fifty_workers_in_any_order_finalize_each_document_once(
    api: Client, aws: AwsCalls, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    let_fifty_work(api, aws, run, random.Random(seed), monkeypatch)


def let_fifty_work(
    api: Client, aws: AwsCalls, run: dict[str, Any], chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty deliveries of one message, switched at each call; every third one meets a fault."""
    monkeypatch.setattr(ids, "secrets", SimpleNamespace(randbits=chance.getrandbits))
    stage, event = Interleaving(aws, chance), billing.begun(run)

    def fault(number: int) -> Fault | None:
        return Fault(chance.randint(1, 7), chance.choice(list(Kind))) if number % 3 == 0 else None

    def work(actor: Actor) -> None:
        stage.attempt(actor, lambda: deliver("advance_run", event))

    stage.run([Actor("advance_run", work, fault(number)) for number in range(50)])
    assert billing.advance(aws, event) == []
    require_once(api, run)


def test_a_number_taken_meanwhile_moves_the_block(api: Client, aws: AwsCalls, run: dict[str, Any]) -> None:
    with meanwhile(lambda: issue(api)):
        assert billing.advance(aws, billing.begun(run)) == []
    assert [one["number"][-1] for one in billing.results(api, run)] == ["2", "3", "4", "5", "6"]
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []


def test_new_numbers_need_no_second_read(
    api: Client, aws: AwsCalls, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "WORK_SECONDS", 25.0)
    with meanwhile(lambda: issue(api)), aws.only("advance_run") as calls:
        assert deliver("advance_run", billing.begun(run)) == []
    # The run with its selection, and for each of its two batches the drafts and their parties.
    assert calls.names["dynamodb:BatchGetItem"] == 1 + 2 * 2
    assert [one["number"][-1] for one in billing.results(api, run)] == ["2", "3", "4", "5", "6"]


def test_a_run_is_not_held_up_by_many_single_documents(
    api: Client, aws: AwsCalls, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others take a number before each block of more than one document."""
    commit = Block.commit

    def late(filled: Block, store: Any) -> Any:
        if len(filled.results) > 1:
            issue(api)
        return commit(filled, store)

    monkeypatch.setattr(workflow, "WORK_SECONDS", 25.0)
    monkeypatch.setattr(Block, "commit", late)
    after = billing.finished(api, aws, run)
    assert (after["status"], after["counts"]["finalized"]) == ("completed", DRAFTS)
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []


def test_a_step_that_fails_ten_times_parks_the_run(
    api: Client, aws: AwsCalls, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = billing.begun(run)
    with monkeypatch.context() as broken:
        broken.setattr(workflow, "batch_of", not_now)
        assert deliver("advance_run", event, received=10) == [event["id"]]
        assert api.get(f"/billing-runs/{run['id']}").ok()["status"] == "finalizing"
        assert deliver("advance_run", event, received=11) == []
    after = api.get(f"/billing-runs/{run['id']}").ok()
    assert (after["status"], after["parked_reason"], after["counts"]["finalized"]) == ("parked", "failure", 0)
    [parked] = details("billing_run.parked")
    assert parked["data"]["details"] == {"reason": "failure"}
    api.post(f"/billing-runs/{run['id']}/resume", {}).ok(202)
    assert billing.advance(aws, event) == []
    require_once(api, run)


def not_now(*_: object) -> None:
    raise WrittenByNewerVersion


def test_a_step_that_was_overtaken_ends_its_sequence(api: Client, aws: AwsCalls, run: dict[str, Any]) -> None:
    """Of a run that was requested twice, one sequence of steps is left. A step that is delivered again may continue."""
    assert deliver("advance_run", billing.begun(run)) == []
    [step] = billing.requested_steps(aws)
    for _ in range(2):
        assert deliver_raw("advance_run", step) == []
    with aws.only("advance_run") as calls:
        assert deliver_raw("advance_run", step) == []
    assert calls.names == {"dynamodb:BatchGetItem": 1}
    require_once(api, run)


def test_drafts_with_many_lines_are_read_in_parts(
    api: Client, aws: AwsCalls, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MOST_LINES", 2)
    read: list[int] = []

    def batch_of(*args: Any) -> Any:
        found = batch.batch_of(*args)
        read.append(len(found.drafts))
        return found

    monkeypatch.setattr(workflow, "batch_of", batch_of)
    billing.finished(api, aws, run)
    assert max(read) < 4 < sum(read)
    require_once(api, run)


def test_a_draft_changed_meanwhile_is_finalized_as_changed(api: Client, aws: AwsCalls, run: dict[str, Any]) -> None:
    first = billing.selected(api, run)[0]
    with meanwhile(lambda: api.patch(f"/invoices/{first}", {"title": "Changed"}).ok()):
        assert billing.advance(aws, billing.begun(run)) == []
    assert api.get(f"/invoices/{first}").ok()["title"] == "Changed"
    require_once(api, run)


@pytest.mark.parametrize("deleted", [True, False])
def test_a_draft_that_is_none_any_more_is_skipped(
    api: Client, aws: AwsCalls, run: dict[str, Any], *, deleted: bool
) -> None:
    first = billing.selected(api, run)[0]
    path = f"/invoices/{first}"
    with meanwhile(lambda: api.delete(path).ok(204) if deleted else api.post(f"{path}/finalize").ok()):
        assert billing.advance(aws, billing.begun(run)) == []
    result = billing.results(api, run)[0]
    assert (result["invoice_id"], result["outcome"], result["code"]) == (first, "skipped", "INVALID_STATE")
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []


def test_series_are_numbered_in_one_transaction(api: Client, aws: AwsCalls) -> None:
    series = {"invoice_b2b": {"name": "invoice_b2b", "pattern": "B-{yyyy}-{dd}-{n:03}"}}
    api.patch("/tenant", {"number_series": series}).ok()
    one, other = billing.customer(api), billing.customer(api, group="b2b")
    wanted = [billing.draft(api, customer_id=buyer) for buyer in (one, other, other)]
    wanted.append(billing.draft(api, customer_id=other, issue_date="2026-03-09"))
    with aws.only("advance_run") as calls:
        run = billing.finished(api, aws, billing.start(api, wanted))
    assert calls.names["dynamodb:TransactWriteItems"] == 1
    assert [one["number"] for one in billing.results(api, run)] == [
        "INV-2026-000001", "B-2026-10-001", "B-2026-10-002", "B-2026-09-003",
    ]  # fmt: skip
    assert broken_rules(rows(), objects()) == []


def test_two_final_invoices_cannot_deduct_one_deposit(api: Client, aws: AwsCalls) -> None:
    buyer = billing.customer(api)
    deposit = billing.draft(api, customer_id=buyer, purpose="deposit")
    api.post(f"/invoices/{deposit}/finalize").ok()
    asked = {"lines": [line_json(quantity="4")], "deposits": [{"invoice_id": deposit}]}
    run = billing.start(api, billing.drafts(api, 2, customer_id=buyer, **asked))
    billing.finished(api, aws, run)
    found = billing.results(api, run)
    assert [one["outcome"] for one in found] == ["finalized", "refused"]
    assert found[1]["code"] == "DEPOSIT_NOT_DEDUCTIBLE"


def test_many_refused_documents_park_the_run(api: Client, aws: AwsCalls) -> None:
    """One in ten of twenty documents: the rest stay drafts until somebody looks."""
    good = billing.drafts(api, 19)
    wanted = [billing.refused_draft(api), *good[:9], billing.refused_draft(api), *good[9:]]
    run = billing.finished(api, aws, billing.start(api, wanted))
    assert (run["status"], run["parked_reason"]) == ("parked", "refused")
    assert (run["counts"]["finalized"], run["counts"]["refused"]) == (18, 2)
    assert api.get(f"/invoices/{good[-1]}").ok()["status"] == "draft"


def test_an_error_of_the_service_fails_one_document(
    api: Client, aws: AwsCalls, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, whole = billing.selected(api, run)[0], finalized

    def broken(draft: Any, *args: Any, **how: Any) -> Any:
        if draft.id == first:
            raise ZeroDivisionError
        return whole(draft, *args, **how)

    monkeypatch.setattr("invoicing.settlement.finalizing.finalized", broken)
    after = billing.finished(api, aws, run)
    assert (after["counts"]["failed"], after["counts"]["finalized"]) == (1, DRAFTS - 1)
    assert billing.results(api, run)[0]["code"] == "INTERNAL_ERROR"
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []


def test_a_number_of_another_document_parks_the_run(api: Client, aws: AwsCalls, run: dict[str, Any]) -> None:
    """As a pattern can print it that was changed meanwhile: a repetition does not help."""
    billing.claim_number(api, "INV-2026-000002")
    after = billing.finished(api, aws, run)
    assert (after["status"], after["parked_reason"], after["counts"]["finalized"]) == ("parked", "failure", 0)


def test_a_step_after_the_end_changes_nothing(api: Client, aws: AwsCalls, run: dict[str, Any]) -> None:
    after = billing.finished(api, aws, run)
    with aws.only("advance_run") as calls:
        assert deliver("advance_run", billing.begun(run)) == []
    assert calls.names == {"dynamodb:BatchGetItem": 1}
    assert api.get(f"/billing-runs/{run['id']}").ok() == after


def test_a_form_of_each_document_is_read_once(api: Client, aws: AwsCalls) -> None:
    form = api.post("/document-forms", {"name": "Blue", "accent_color": "#0a5aa0"}).ok(201)["id"]
    buyer = str(api.post("/customers", customer_json(form_id=form)).ok(201)["id"])
    run = billing.start(api, billing.drafts(api, 3, customer_id=buyer))
    with aws.only("advance_run") as calls:
        billing.finished(api, aws, run)
    assert calls.names["dynamodb:BatchGetItem"] == 4
    assert api.get(f"/invoices/{billing.selected(api, run)[0]}").ok()["form"]["name"] == "Blue"


@pytest.mark.parametrize("kind", ["invoice", "customer"])
def test_an_unreadable_row_fails_one_document(api: Client, aws: AwsCalls, kind: str) -> None:
    good, bad = billing.drafts(api, 1), billing.drafts(api, 1)
    customer_id = api.get(f"/invoices/{bad[0]}").ok()["customer_id"]
    run = billing.start(api, [*bad, *good])
    damage(api.tenant_id, bad[0] if kind == "invoice" else customer_id, name=7, title=7)
    after = billing.finished(api, aws, run)
    assert (after["status"], after["counts"]["failed"], after["counts"]["finalized"]) == ("completed", 1, 1)
    assert billing.results(api, run)[0]["code"] == "INTERNAL_ERROR"


def test_credit_notes_reduce_the_totals(api: Client, aws: AwsCalls) -> None:
    buyer = billing.customer(api)
    credit = {"customer_id": buyer, "amount": "-40.00", "description": "Kulanz", "finalize": False}
    tax = {"tax": {"category": "S", "rate": "19"}}
    note = api.post("/invoices/adjustments", credit | tax).ok(201)["id"]
    run = billing.start(api, [*billing.drafts(api, 1, customer_id=buyer), note])
    after = billing.finished(api, aws, run)
    assert after["totals"]["EUR"] == {"net": "60.00", "tax": "11.40", "total": "71.40"}


def test_drafts_of_after_the_start_are_not_selected(
    api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request ends before its search does; the worker continues it."""
    monkeypatch.setattr(collecting, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(collecting, "EXAMINED_A_CALL", 1)
    before = billing.drafts(api, 2)
    run = api.post("/billing-runs", {"filter": {}}).ok(202)
    assert (run["status"], run["counts"]["selected"]) == ("collecting", 1)
    at.now += timedelta(seconds=1)
    late = billing.draft(api, customer_id=billing.customer(api))
    after = billing.finished(api, aws, run)
    assert {one["invoice_id"] for one in billing.results(api, run)} == set(before)
    assert (after["status"], api.get(f"/invoices/{late}").ok()["status"]) == ("completed", "draft")


def test_a_run_parked_while_it_selects_goes_on_selecting(
    api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(collecting, "EXAMINED_A_CALL", 1)
    billing.drafts(api, 3)
    run = api.post("/billing-runs", {"filter": {}}).ok(202)
    with monkeypatch.context() as broken:
        broken.setattr(collecting, "_search", lambda *_: 1 / 0)
        assert billing.finished(api, aws, run)["parked_reason"] == "failure"
    assert api.post(f"/billing-runs/{run['id']}/resume", {}).ok(202)["status"] == "collecting"
    after = billing.finished(api, aws, run)
    assert (after["status"], after["counts"]["finalized"]) == ("completed", 3)


def test_documents_are_dated_as_of_their_block(
    api: Client, at: Clock, run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = at.now + timedelta(seconds=20)
    monkeypatch.setattr(workflow, "now_for", lambda _: later)
    assert deliver("advance_run", billing.begun(run)) == []
    first = api.get(f"/invoices/{billing.selected(api, run)[0]}").ok()
    assert first["finalized_at"] == first["updated_at"] == instant_text(later)
