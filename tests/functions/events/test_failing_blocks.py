"""A block that fails as a whole: the one document or subscription at fault is left out, and the run goes on."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from invoicing.billing_runs import block, drafting
from invoicing.billing_runs.block import Block
from invoicing.billing_runs.drafting import DraftBlock
from invoicing.core import clock
from invoicing.core.errors import DocumentTooLarge
from invoicing.store.rows.items import keyed
from invoicing.subscriptions.billing import units
from invoicing.subscriptions.billing.units import WEIGHT_OF_A_RUN
from invoicing.subscriptions.ledger import SubscriptionPeriod
from invoicing.subscriptions.table import period_key
from tests import billing
from tests.aws import TABLE, AwsCalls
from tests.aws_events import boto, client_error
from tests.billing import bill_hour, results
from tests.builders import customer_json, item_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client
from tests.subscriptions import invoices, now_of, periods, subscribe

REJECTED = client_error(
    "TransactWriteItems", 400, "TransactionCanceledException", CancellationReasons=[{"Code": "ValidationError"}]
)
"""A transaction has a write that DynamoDB never accepts."""


def fail_commits(
    of: type[Any], guilty: Callable[[Any], bool], error: Exception, patch: pytest.MonkeyPatch
) -> list[int]:
    """Let the commits of guilty blocks fail as a whole. Returns the number of changes of each block that was tried."""
    commit, tried = of.commit, list[int]()

    def committed(filled: Any, store: Any) -> Any:
        tried.append(len(filled.changes))
        if guilty(filled):
            raise error
        return commit(filled, store)

    patch.setattr(of, "commit", committed)
    return tried


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (DocumentTooLarge(), "refused", "DOCUMENT_TOO_LARGE"),
        (ZeroDivisionError(), "failed", "INTERNAL_ERROR"),
        (REJECTED, "failed", "INTERNAL_ERROR"),
    ],
)
def test_a_block_that_fails_leaves_out_one_document(
    api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch, error: Exception, outcome: str, code: str
) -> None:
    run = billing.start(api, billing.drafts(api, 20))
    bad = billing.selected(api, run)[7]
    tried = fail_commits(Block, lambda one: bad in owners(one), error, monkeypatch)
    after = billing.finished(api, aws, run)
    assert (after["status"], after["counts"]["finalized"], after["counts"][outcome]) == ("completed", 19, 1)
    found = {one["invoice_id"]: one for one in billing.results(api, run)}
    assert (found[bad]["outcome"], found[bad]["code"]) == (outcome, code)
    assert len(tried) < len(found)
    assert api.get(f"/invoices/{bad}").ok()["status"] == "draft"
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []


def owners(filled: Block) -> set[str]:
    """The documents that take numbers."""
    return {taken.owner for _, some in filled.taken.values() for taken in some}


def test_a_run_whose_blocks_all_fail_is_parked(api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    run = billing.start(api, billing.drafts(api, 2))
    tried = fail_commits(Block, lambda _: True, ZeroDivisionError(), monkeypatch)
    after = billing.finished(api, aws, run)
    assert (after["status"], after["parked_reason"], after["counts"]["failed"]) == ("parked", "failure", 0)
    assert tried == [2, 1, 0]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DocumentTooLarge(), "DOCUMENT_TOO_LARGE"),
        (ZeroDivisionError(), "INTERNAL_ERROR"),
        (REJECTED, "INTERNAL_ERROR"),
    ],
)
def test_a_block_that_fails_leaves_out_one_subscription(
    api: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    """The ones before and after it are billed, and it is due again."""
    made = [subscribe(api) for _ in range(5)]
    bad = made[2]["id"]
    tried = fail_commits(DraftBlock, lambda one: bad in {row.subscription_id for row in rows(one)}, error, monkeypatch)
    run = bill_hour(api)
    assert run is not None
    outcome = "refused" if isinstance(error, DocumentTooLarge) else "failed"
    assert (run["status"], run["counts"]["drafted"], run["counts"][outcome]) == ("completed", 4, 1)
    assert [result["code"] for result in results(api, run) if result["outcome"] == outcome] == [
        code or "INTERNAL_ERROR"
    ]
    assert now_of(api, made[2])["attention"]["code"] == code
    assert (periods(api, made[2]), len(tried) > 1) == ([], True)


def rows(filled: DraftBlock) -> list[SubscriptionPeriod]:
    return [one for one in filled.changes if isinstance(one, SubscriptionPeriod)]


def test_drafting_whose_blocks_all_fail_is_parked(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = subscribe(api)
    fail_commits(DraftBlock, lambda _: True, ZeroDivisionError(), monkeypatch)
    run = bill_hour(api)
    assert run is not None
    assert (run["status"], run["parked_reason"], periods(api, made)) == ("parked", "failure", [])


def test_a_row_of_a_wrong_ledger_stops_no_other_subscription(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next period exists already, which looks like a faster writer to each attempt."""
    monkeypatch.setattr(clock, "random", SimpleNamespace(uniform=lambda _, longest: 0.0 * longest))
    made = [subscribe(api) for _ in range(3)]
    bad = made[1]["id"]
    boto("dynamodb").put_item(
        TableName=TABLE, Item=keyed(period_key(api.tenant_id, bad, "1m-advance.2026-03-10"), "subscription_period")
    )
    run = bill_hour(api)
    assert run is not None
    assert (run["status"], run["counts"]["drafted"], run["counts"]["failed"]) == ("completed", 2, 1)
    attention = now_of(api, made[1])["attention"]
    assert (attention["code"], attention["invoice_id"]) == ("INTERNAL_ERROR", None)
    assert [len(invoices(api, one)) for one in made] == [1, 0, 1]


@pytest.mark.parametrize("too_large", [False, True])
def test_a_draft_that_cannot_be_issued_is_shown(api: Client, monkeypatch: pytest.MonkeyPatch, too_large: bool) -> None:
    made = subscribe(api, action="finalize")
    if too_large:
        monkeypatch.setattr(block, "MAX_WRITES", 8)
    else:
        monkeypatch.setattr(block, "finalization", lambda *_, **__: 1 / 0)
    run = bill_hour(api)
    assert run is not None
    outcome, code = ("refused", "DOCUMENT_TOO_LARGE") if too_large else ("failed", "INTERNAL_ERROR")
    assert (run["status"], run["counts"][outcome]) == ("completed", 1)
    [draft] = invoices(api, made)
    attention = now_of(api, made)["attention"]
    assert (attention["code"], attention["invoice_id"]) == (code, draft["id"])
    assert [one["data"]["details"]["code"] for one in details("subscription.attention")] == [code]


def test_a_bill_that_fits_into_no_transaction_waits(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one event, until it fits: the clock does not try it each hour. The other subscription is billed."""
    made = subscribe(api, items=[item_json("Wartung " * 60, "1.00") for _ in range(50)])
    healthy = subscribe(api)
    with monkeypatch.context() as small:
        small.setattr(units, "MAX_BYTES", WEIGHT_OF_A_RUN.bytes + 15_000)
        planned = api.post("/billing-runs", {"source": "subscriptions", "dry_run": True}).ok(200)
        assert (planned["counts"]["refused"], planned["counts"]["kept"]) == (1, 1)
        for hour in range(3):
            at.now += timedelta(hours=hour)
            bill_hour(api)
        assert now_of(api, made)["attention"]["code"] == "DOCUMENT_TOO_LARGE"
        assert [one["data"]["details"]["code"] for one in details("subscription.attention")] == ["DOCUMENT_TOO_LARGE"]
        assert [len(invoices(api, one)) for one in (made, healthy)] == [0, 1]
    for _ in range(2):
        at.now += timedelta(hours=1)
        bill_hour(api)
    assert (now_of(api, made)["attention"], len(invoices(api, made))) == (None, 1)


def test_each_draft_that_cannot_be_issued_is_shown(api: Client, at: Clock) -> None:
    """Three periods of a customer without an address: the subscription waits until a user decided about each draft."""
    customer = api.post("/customers", customer_json(address=None)).ok(201)["id"]
    items = [item_json("Wartung", "500.00")]
    made = subscribe(
        api, customer_id=customer, action="finalize", items=items, start_date="2026-01-10", catch_up="bill"
    )
    bill_hour(api)
    drafts = [one["id"] for one in invoices(api, made)]
    found = []
    for draft in drafts:
        attention = now_of(api, made)["attention"]
        found.append([attention["invoice_id"], *attention["later_invoice_ids"]])
        api.delete(f"/invoices/{draft}").ok(204)
    assert found == [drafts, drafts[1:], drafts[2:]]
    assert now_of(api, made)["attention"] is None


def test_an_error_of_the_service_is_retried_ever_later(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight times within five days, with one event. Then it waits for a user, and others are billed."""
    made, began = subscribe(api), at.now
    with monkeypatch.context() as failing:
        bad = made["id"]
        guilty: Callable[[Any], bool] = lambda one: bad in {row.subscription_id for row in rows(one)}  # noqa: E731
        fail_commits(DraftBlock, guilty, ZeroDivisionError(), failing)
        subscribe(api)
        failed = []
        for hour in (*range(9), 15, 16, 17, 31, 32, 63, 64, 127, 128, 129, 600):
            at.now = began + timedelta(hours=hour)
            run = bill_hour(api)
            failed += [hour] if run and run["counts"]["failed"] else []
    assert failed == [0, 2, 4, 8, 16, 32, 64, 128]
    attention = now_of(api, made)["attention"]
    assert (attention["attempts"], attention["since"][:13]) == (8, f"{began:%Y-%m-%dT%H}")
    assert len(details("subscription.attention")) == 1
    api.post(f"/subscriptions/{made['id']}/periods/1m-advance.2026-03-10", {"action": "bill"}).ok()
    assert (now_of(api, made)["attention"], len(invoices(api, made))) == (None, 1)


def test_a_passed_error_of_the_service_is_billed_by_the_clock(
    api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, began = subscribe(api), at.now
    subscribe(api)
    with monkeypatch.context() as failing:
        failing.setattr(drafting, "decided_bill", lambda *_, **__: 1 / 0)
        bill_hour(api)
    assert now_of(api, made)["attention"]["code"] == "INTERNAL_ERROR"
    at.now = began + timedelta(hours=2)
    bill_hour(api)
    assert (now_of(api, made)["attention"], len(invoices(api, made))) == (None, 1)
