"""POST /dunning-runs: the documents of a run, and its reasons to skip invoices."""

from datetime import timedelta
from typing import Any

import pytest

from invoicing.dunning import workflow as dunning
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, rule_json
from tests.conftest import Clock
from tests.events import details, strike
from tests.gateway import Client
from tests.world import issue


@pytest.fixture
def late(api: Client, at: Clock) -> dict[str, dict[str, Any]]:
    """Invoices that are past the day of their first reminder: one that gets it, and one for each reason to skip."""
    api.post("/dunning-rules", rule_json()).ok(201)
    wanted = ("due", "disabled", "customer_disabled", "address_missing", "paused", "paid")
    found = {name: issue(api) for name in wanted}
    api.put(f"/invoices/{found['disabled']['id']}/dunning", {"disabled": True, "reason": "agreed"}).ok()
    api.patch(f"/customers/{found['customer_disabled']['customer_id']}", {"dunning_disabled": True}).ok()
    api.patch(f"/customers/{found['address_missing']['customer_id']}", {"emails": []}).ok()
    api.put(f"/invoices/{found['paused']['id']}/dunning", {"paused_until": "2026-12-31"}).ok()
    api.post(f"/invoices/{found['paid']['id']}/payments", {"amount": "119.00"}).ok(201)
    at.now += timedelta(days=21)
    return found


def test_a_dry_run_changes_nothing_and_lists_amounts_and_skips(
    api: Client, late: dict[str, dict[str, Any]], aws: AwsCalls
) -> None:
    with aws.only("start_dunning_run") as asked:
        run = api.post("/dunning-runs", {"dry_run": True}).ok()
    assert asked.names["dynamodb:TransactWriteItems"] == 0
    [due] = run["reached"]
    assert (due["invoice_id"], due["invoice_number"]) == (late["due"]["id"], late["due"]["number"])
    assert (due["step"]["level"], due["step"]["open"], due["step"]["fee"]) == (1, "119.00", "0.00")
    reasons = {one["invoice_id"]: one["reason"] for one in run["skipped"]}
    skipped = ("disabled", "customer_disabled", "address_missing", "paused")
    assert reasons == {late[name]["id"]: name for name in skipped}
    assert (run["dry_run"], run["on"], run["has_more"]) == (True, "2026-03-31", False)
    assert details("dunning.run_requested") == details("dunning.document_created") == []


def test_a_run_matches_its_dry_run_and_is_idempotent(api: Client, late: dict[str, dict[str, Any]]) -> None:
    shown = [api.post("/dunning-runs", {}, headers={"Idempotency-Key": "now"}).ok() for _ in range(2)]
    assert shown[0] == shown[1]
    assert len(details("dunning.run_requested")) == 1
    assert strike("run_dunning", api.tenant_id, api.tenant_id) == []
    reached = [event["resource"]["id"] for event in details("dunning.document_created")]
    assert reached == [one["invoice_id"] for one in shown[0]["reached"]] == [late["due"]["id"]]
    assert api.post("/dunning-runs", {"dry_run": True}).ok()["reached"] == []


def test_a_truncated_result_is_marked(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    for _ in range(3):
        draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
        api.post(f"/invoices/{draft}/finalize").ok()
    at.now += timedelta(days=30)
    monkeypatch.setattr(dunning, "MOST_SHOWN", 2)
    run = api.post("/dunning-runs", {"dry_run": True}).ok()
    assert (len(run["reached"]), run["has_more"]) == (2, True)
