"""A block that fails as a whole: the one document or subscription at fault is left out, and the run goes on."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.billing_runs.block import Block
from invoicing.billing_runs.drafting import DraftBlock
from invoicing.core.errors import DocumentTooLarge
from invoicing.subscriptions.ledger import SubscriptionPeriod
from tests import billing
from tests.aws import AwsCalls
from tests.aws_events import client_error
from tests.billing import bill_hour, results
from tests.gateway import Client
from tests.subscriptions import now_of, periods, subscribe

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


def owners(block: Block) -> set[str]:
    """The documents that take numbers."""
    return {taken.owner for _, some in block.taken.values() for taken in some}


def test_a_run_whose_blocks_all_fail_is_parked(api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    run = billing.start(api, billing.drafts(api, 2))
    tried = fail_commits(Block, lambda _: True, ZeroDivisionError(), monkeypatch)
    after = billing.finished(api, aws, run)
    assert (after["status"], after["parked_reason"], after["counts"]["failed"]) == ("parked", "failure", 0)
    assert tried == [2, 1, 0]


@pytest.mark.parametrize(
    ("error", "code"), [(DocumentTooLarge(), "DOCUMENT_TOO_LARGE"), (ZeroDivisionError(), None), (REJECTED, None)]
)
def test_a_block_that_fails_leaves_out_one_subscription(
    api: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str | None
) -> None:
    """The ones before and after it are billed, and it is due again."""
    made = [subscribe(api) for _ in range(5)]
    bad = made[2]["id"]
    tried = fail_commits(DraftBlock, lambda one: bad in {row.subscription_id for row in rows(one)}, error, monkeypatch)
    run = bill_hour(api)
    assert run is not None
    outcome = "refused" if code else "failed"
    assert (run["status"], run["counts"]["drafted"], run["counts"][outcome]) == ("completed", 4, 1)
    assert [result["code"] for result in results(api, run) if result["outcome"] == outcome] == [
        code or "INTERNAL_ERROR"
    ]
    assert (now_of(api, made[2])["attention"] or {"code": None})["code"] == code
    assert (periods(api, made[2]), len(tried) > 1) == ([], True)


def rows(block: DraftBlock) -> list[SubscriptionPeriod]:
    return [one for one in block.changes if isinstance(one, SubscriptionPeriod)]


def test_drafting_whose_blocks_all_fail_is_parked(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = subscribe(api)
    fail_commits(DraftBlock, lambda _: True, ZeroDivisionError(), monkeypatch)
    run = bill_hour(api)
    assert run is not None
    assert (run["status"], run["parked_reason"], periods(api, made)) == ("parked", "failure", [])
