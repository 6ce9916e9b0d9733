"""POST /billing-runs: many drafts are finalized as one piece of work."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from invoicing.billing_runs import collecting
from invoicing.core.identity import Role
from invoicing.core.ids import new_id
from invoicing.subscriptions.billing.bills import Bill
from invoicing.subscriptions.billing.units import due_bill
from tests import billing, builders
from tests.aws import AwsCalls
from tests.builders import NOON, item_json
from tests.conftest import Clock
from tests.events import details, outbox
from tests.gateway import Client, Response
from tests.subscriptions import invoices, subscribe
from tests.world import with_key


def refusal(response: Response) -> tuple[int, str]:
    return response.status, response.code


def test_a_run_begins_with_its_selection_and_brake(api: Client) -> None:
    ids = billing.drafts(api, 2)
    run = billing.start(api, [*ids, ids[0]], send=True, issue_date="2026-03-09")
    assert (run["status"], run["source"], run["send"], run["issue_date"]) == (
        "finalizing",
        "drafts",
        True,
        "2026-03-09",
    )
    assert run["counts"]["selected"] == 2
    assert run["brake"] == {"invoices": 100, "total": {}, "refused_percent": 10}
    assert run["started_by"]["name"] == "Ada Admin"
    [started] = details("billing_run.started")
    assert started["data"]["object"]["counts"]["selected"] == 2


def test_the_same_request_starts_one_run(api: Client) -> None:
    body = {"invoice_ids": billing.drafts(api, 1)}
    first, again = (api.post("/billing-runs", body, headers={"Idempotency-Key": "r"}).ok(202) for _ in range(2))
    assert first == again
    assert len(details("billing_run.started")) == 1


def test_a_filter_selects_its_drafts_oldest_first(api: Client, at: Clock, aws: AwsCalls) -> None:
    buyer = billing.customer(api)
    first = billing.draft(api, customer_id=buyer)
    billing.drafts(api, 1)
    at.now = at.now.replace(hour=13)
    second = billing.draft(api, customer_id=buyer)
    at.now = at.now.replace(hour=14)
    billing.draft(api, customer_id=buyer)
    wanted = {"customer_id": buyer, "currency": "EUR", "created_to": "2026-03-10T13:30:00Z"}
    run = api.post("/billing-runs", {"filter": wanted}).ok(202)
    assert run["filter"] == wanted | {"created_to": "2026-03-10T13:30:00.000Z"}
    assert billing.finished(api, aws, run)["counts"]["finalized"] == 2
    assert [one["invoice_id"] for one in billing.results(api, run)] == [first, second]


@pytest.mark.parametrize("filter_", [{"currency": "USD"}, {"created_to": "2026-03-10T11:00:00Z"}])
def test_a_filter_without_a_draft_is_refused(api: Client, filter_: dict[str, str]) -> None:
    billing.drafts(api, 1)
    assert refusal(api.post("/billing-runs", {"filter": filter_})) == (422, "NOTHING_TO_BILL")


def test_documents_without_a_draft_are_refused(api: Client, issued: dict[str, Any]) -> None:
    response = api.post("/billing-runs", {"invoice_ids": [issued["id"], new_id("inv", NOON)]})
    assert refusal(response) == (422, "NOTHING_TO_BILL")


def test_drafts_of_another_company_are_not_found(api: Client, stranger: Client) -> None:
    theirs = billing.drafts(stranger, 1)
    assert refusal(api.post("/billing-runs", {"invoice_ids": theirs})) == (422, "NOTHING_TO_BILL")


def test_a_second_run_waits_for_the_first(api: Client, aws: AwsCalls) -> None:
    one, two = billing.drafts(api, 2)
    run = billing.start(api, [one])
    assert refusal(api.post("/billing-runs", {"invoice_ids": [two]})) == (409, "BILLING_RUN_ACTIVE")
    assert billing.finished(api, aws, run)["status"] == "completed"
    assert billing.start(api, [two])["counts"]["selected"] == 1


def test_the_brake_follows_the_largest_run_of_a_month(
    api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoicing.billing_runs.model.LEAST_BRAKE", 2)
    began = at.now
    for number in (2, 5, 1):
        billing.finished(api, aws, billing.start(api, billing.drafts(api, number)))
    for days, bound in ((34, 15), (36, 3)):
        at.now = began + timedelta(days=days)
        run = billing.start(api, billing.drafts(api, 1))
        assert run["brake"]["invoices"] == bound
        billing.finished(api, aws, run)


def test_it_also_requires_the_scope_to_finalize(api: Client, tenant: Any, sign_in: Callable[..., Client]) -> None:
    ids = billing.drafts(api, 1)
    limited = with_key(tenant, builders.user(), scopes=frozenset({"billing_run:read", "billing_run:write"}))
    response = limited.post("/billing-runs", {"invoice_ids": ids})
    assert refusal(response) == (403, "INSUFFICIENT_PERMISSIONS")
    billing.start(sign_in(Role.BOOKKEEPER), ids)


def test_invalid_selections_and_dates_are_refused(api: Client) -> None:
    ids = billing.drafts(api, 1)
    bodies: list[dict[str, Any]] = [{}, {"invoice_ids": ids, "filter": {}}, {"invoice_ids": []}]
    for body in [*bodies, {"filter": {}, "source": "usage"}]:
        assert refusal(api.post("/billing-runs", body)) == (400, "VALIDATION_ERROR")
    response = api.post("/billing-runs", {"invoice_ids": ids, "issue_date": "2026-03-11"})
    assert refusal(response) == (422, "DATE_NOT_ALLOWED")


def test_a_run_that_sends_needs_a_sender(api: Client) -> None:
    ids = billing.drafts(api, 1)
    api.patch("/tenant", {"email_sender": None}).ok()
    assert refusal(api.post("/billing-runs", {"invoice_ids": ids, "send": True})) == (422, "SENDER_MISSING")


def test_a_long_search_continues_in_the_run(api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of the list is all that the request reads; the run selects the rest in parts."""
    ids = billing.drafts(api, 5)
    monkeypatch.setattr(collecting, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(collecting, "IDS_A_PART", 2)
    monkeypatch.setattr(collecting, "EXAMINED_A_CALL", 2)
    run = api.post("/billing-runs", {"filter": {}}).ok(202)
    assert (run["status"], run["counts"]["selected"]) == ("collecting", 2)
    after = billing.finished(api, aws, run)
    assert (after["status"], after["counts"]["finalized"]) == ("completed", 5)
    assert [one["invoice_id"] for one in billing.results(api, run)] == sorted(ids)


def dry_run(api: Client, ids: list[str], **options: object) -> dict[str, Any]:
    run: dict[str, Any] = api.post("/billing-runs", {"invoice_ids": ids, "dry_run": True, **options}).ok(200)
    return run


def test_a_dry_run_gives_the_results_of_the_later_run(api: Client, aws: AwsCalls, issued: dict[str, Any]) -> None:
    """Hazard 9: preview and bill are one function."""
    ids = [*billing.drafts(api, 21), billing.refused_draft(api), issued["id"], *billing.drafts(api, 2)]
    preview = dry_run(api, ids, issue_date="2026-03-09")
    run = billing.start(api, ids, issue_date="2026-03-09")
    after = billing.finished(api, aws, run) | {"results": billing.results(api, run)}
    unnumbered = [one | {"number": None} for one in after["results"]]
    same = {"id": preview["id"], "version": 0, "dry_run": True, "numbers": [], "results": unnumbered}
    assert preview == after | same
    assert preview["counts"]["refused"] == 1


def test_a_dry_run_writes_nothing(api: Client, aws: AwsCalls) -> None:
    ids, before = billing.drafts(api, 2), len(outbox())
    with aws.only("start_billing_run") as calls:
        dry_run(api, ids, send=True)
    assert not {"dynamodb:TransactWriteItems", "dynamodb:PutItem"} & set(calls.names)
    assert len(outbox()) == before
    assert api.get("/billing-runs").ok()["data"] == []
    assert api.get(f"/invoices/{ids[0]}").ok()["status"] == "draft"


def test_a_repeated_dry_run_gets_the_same_response(api: Client) -> None:
    [draft] = billing.drafts(api, 1)
    body, headers = {"invoice_ids": [draft], "dry_run": True}, {"Idempotency-Key": "d"}
    first = api.post("/billing-runs", body, headers=headers).ok(200)
    api.post(f"/invoices/{draft}/finalize").ok()
    assert api.post("/billing-runs", body, headers=headers).ok(200) == first


def test_a_dry_run_shows_that_the_brake_would_park_it(api: Client) -> None:
    ids = billing.drafts(api, 3)
    assert dry_run(api, ids, brake={"invoices": 2})["parked_reason"] == "invoices"
    stopped = dry_run(api, ids, brake={"total": {"EUR": "238.00"}})
    assert (stopped["status"], stopped["parked_reason"], len(stopped["results"])) == ("parked", "total", 2)


@pytest.mark.parametrize(("bound", "value"), [("MOST_NAMED", 1), ("MOST_SECONDS", 0.0)])
def test_a_dry_run_is_bounded(api: Client, monkeypatch: pytest.MonkeyPatch, bound: str, value: float) -> None:
    monkeypatch.setattr(f"invoicing.billing_runs.dry_run.{bound}", value)
    response = api.post("/billing-runs", {"invoice_ids": billing.drafts(api, 2), "dry_run": True})
    assert refusal(response) == (400, "VALIDATION_ERROR")
    assert [one["pointer"] for one in response.json["errors"]] == ["/dry_run"]


@pytest.mark.parametrize("brake", [{}, {"total": {"EUR": "600.00"}}], ids=["whole", "parked"])
def test_a_dry_run_of_subscriptions_equals_the_later_run(api: Client, brake: dict[str, Any]) -> None:
    """With the rules of issued invoices, catch-up, drafts that are kept, and a subscription that waits."""
    incomplete = billing.customer(api, address=None)
    items = [item_json("Wartung", "500.00")]
    subscribe(api, action="send")
    subscribe(api, action="finalize", start_date="2026-01-20", catch_up="bill")
    subscribe(api, action="draft")
    subscribe(api, action="finalize", customer_id=incomplete, items=items)
    subscribe(api, action="finalize", start_date="2026-04-01")
    body = {"source": "subscriptions", "brake": brake}
    planned = api.post("/billing-runs", body | {"dry_run": True}).ok()
    run = billing.bill_due(api, brake=brake)
    assert run is not None
    for name in ("status", "parked_reason", "counts", "totals", "date_range"):
        assert planned[name] == run[name], name
    shown = [one | {"invoice_id": None, "number": None} for one in billing.results(api, run)]
    assert [_without_amounts(one) for one in planned["results"]] == [_without_amounts(one) for one in shown]
    finalized = [one["total"] for one in planned["results"] if one["outcome"] == "finalized"]
    assert finalized == [one["total"] for one in shown if one["outcome"] == "finalized"]
    assert planned["numbers"] == []


def _without_amounts(result: dict[str, Any]) -> dict[str, Any]:
    """A result without the amounts that a run records for finalized documents only."""
    return result | {"currency": None, "total": None}


def test_a_dry_run_of_one_subscription_is_bounded(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a higher brake it has no bound on periods."""
    subscribe(api)
    found: list[int] = []

    def counted(*args: Any, **fields: Any) -> Bill | None:
        found.append(1)
        return due_bill(*args, **fields)

    monkeypatch.setattr("invoicing.billing_runs.dry_run.MOST_SECONDS", 0.0)
    monkeypatch.setattr("invoicing.billing_runs.dry_run.due_bill", counted)
    body = {"source": "subscriptions", "dry_run": True, "up_to": "2030-01-01", "brake": {"invoices": 1_000}}
    response = api.post("/billing-runs", body)
    assert (response.status, [one["pointer"] for one in response.json["errors"]]) == (400, ["/dry_run"])
    assert found == []


def test_only_a_dry_run_bills_up_to_a_later_date(api: Client) -> None:
    subscribe(api, action="finalize", start_date="2026-04-01")
    body = {"source": "subscriptions", "up_to": "2026-05-01"}
    response = api.post("/billing-runs", body)
    assert (response.code, response.json["errors"][0]["pointer"]) == ("DATE_NOT_ALLOWED", "/up_to")
    planned = api.post("/billing-runs", body | {"dry_run": True}).ok()
    assert planned["counts"] | {"finalized": 2, "subscriptions": 1} == planned["counts"]
    assert planned["date_range"] == {"from": "2026-04-01", "to": "2026-05-01"}


def test_a_filter_selects_due_subscriptions(api: Client) -> None:
    made, other = subscribe(api), subscribe(api)
    run = billing.bill_due(api, filter={"customer_id": made["customer_id"]})
    assert run is not None
    assert [one["subscription_ids"] for one in billing.results(api, run)] == [[made["id"]]]
    for wanted in ({"currency": "CHF"}, {"created_to": "2026-03-01T00:00:00Z"}, {"customer_id": made["customer_id"]}):
        assert billing.bill_due(api, filter=wanted) is None
    assert (len(invoices(api, made)), invoices(api, other)) == (1, [])


@pytest.mark.parametrize(
    "body",
    [
        {"source": "subscriptions", "invoice_ids": ["inv_01KKBSWHG0G1FVKAPXP6T91Y4Z"]},
        {"source": "drafts", "filter": {}, "up_to": "2026-03-10"},
    ],
)
def test_options_belong_to_their_source(api: Client, body: dict[str, Any]) -> None:
    assert api.post("/billing-runs", body).code == "VALIDATION_ERROR"
