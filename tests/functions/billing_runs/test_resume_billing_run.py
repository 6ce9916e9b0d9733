"""POST /billing-runs/{run_id}/resume"""

from typing import Any

from invoicing.core.ids import new_id
from tests import billing
from tests.aws import AwsCalls
from tests.builders import NOON
from tests.events import details
from tests.gateway import Client


def parked(api: Client, aws: AwsCalls, number: int = 3) -> tuple[dict[str, Any], list[str]]:
    """A run that is parked because it selects too many documents."""
    ids = billing.drafts(api, number)
    return billing.finished(api, aws, billing.start(api, ids, brake={"invoices": number - 1})), ids


def resumed(api: Client, aws: AwsCalls, run: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    api.post(f"/billing-runs/{run['id']}/resume", body).ok(202)
    return billing.finished(api, aws, run)


def test_a_run_parked_by_its_brake_finalizes_nothing(api: Client, aws: AwsCalls) -> None:
    run, ids = parked(api, aws)
    assert (run["status"], run["parked_reason"], run["counts"]["finalized"]) == ("parked", "invoices", 0)
    assert [api.get(f"/invoices/{id_}").ok()["status"] for id_ in ids] == ["draft"] * 3
    [event] = details("billing_run.parked")
    assert event["data"]["details"] == {"reason": "invoices"}


def test_a_higher_brake_lets_it_continue(api: Client, aws: AwsCalls) -> None:
    run, _ = parked(api, aws)
    after = resumed(api, aws, run, {"brake": {"invoices": 3}})
    assert (after["status"], after["parked_reason"], after["counts"]["finalized"]) == ("completed", None, 3)
    assert len(details("billing_run.resumed")) == 1


def test_without_a_higher_brake_it_is_parked_again(api: Client, aws: AwsCalls) -> None:
    run, _ = parked(api, aws)
    assert resumed(api, aws, run, {})["parked_reason"] == "invoices"


def test_it_goes_on_after_the_last_decided_document(api: Client, aws: AwsCalls) -> None:
    ids = billing.drafts(api, 3)
    run = billing.finished(api, aws, billing.start(api, ids, brake={"total": {"EUR": "238.00"}}))
    assert (run["status"], run["parked_reason"], run["counts"]["finalized"]) == ("parked", "total", 2)
    after = resumed(api, aws, run, {"brake": {"total": {"EUR": "357.00"}}})
    assert (after["status"], after["counts"]["finalized"]) == ("completed", 3)
    assert [one["number"] for one in billing.results(api, run)] == [f"INV-2026-00000{count}" for count in (1, 2, 3)]


def test_skipped_documents_are_left_out(api: Client, aws: AwsCalls) -> None:
    run, ids = parked(api, aws)
    after = resumed(api, aws, run, {"brake": {"invoices": 5}, "skip": [ids[1]]})
    assert (after["counts"]["finalized"], after["counts"]["skipped"]) == (2, 1)
    assert billing.results(api, run)[1] | {"object": ""} == {
        "object": "", "invoice_id": ids[1], "subscription_ids": [], "outcome": "skipped", "code": None, "rules": [],
        "number": None, "currency": None, "total": None,
    }  # fmt: skip
    assert api.get(f"/invoices/{ids[1]}").ok()["status"] == "draft"


def test_documents_left_out_do_not_count_for_the_brake(api: Client, aws: AwsCalls) -> None:
    ids = billing.drafts(api, 4)
    run = billing.finished(api, aws, billing.start(api, ids, brake={"invoices": 2}))
    for skipped, status, left_out in [(ids[:1], "parked", 1), (ids[:1], "parked", 1), (ids[1:2], "completed", 2)]:
        after = resumed(api, aws, run, {"skip": skipped})
        assert (after["status"], after["counts"]["left_out"]) == (status, left_out)
    assert after["counts"]["finalized"] == 2


def test_only_undecided_documents_can_be_skipped(api: Client, aws: AwsCalls) -> None:
    run, ids = parked(api, aws)
    response = api.post(f"/billing-runs/{run['id']}/resume", {"skip": [ids[0], new_id("inv", NOON)]})
    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [one["pointer"] for one in response.json["errors"]] == ["/skip/1"]


def test_only_a_parked_run_can_be_resumed(api: Client, aws: AwsCalls) -> None:
    run = billing.start(api, billing.drafts(api, 1))
    path = f"/billing-runs/{run['id']}"
    for _ in range(2):
        response = api.post(f"/billing-runs/{run['id']}/resume")
        assert (response.status, response.code) == (409, "INVALID_STATE")
        assert response.json["allowed_actions"] == ([] if api.get(path).ok()["ended_at"] else ["cancel"])
        billing.finished(api, aws, run)


def test_a_parked_run_waits_for_an_active_one(api: Client, aws: AwsCalls) -> None:
    run, _ = parked(api, aws)
    billing.start(api, billing.drafts(api, 1))
    response = api.post(f"/billing-runs/{run['id']}/resume")
    assert (response.status, response.code) == (409, "BILLING_RUN_ACTIVE")
