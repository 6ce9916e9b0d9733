"""POST /billing-runs/{run_id}/cancel"""

import pytest

from invoicing.billing_runs import block
from tests import billing
from tests.aws import AwsCalls
from tests.conftest import Clock
from tests.events import deliver, deliver_raw, details
from tests.gateway import Client
from tests.races import meanwhile
from tests.subscriptions import bill_at, invoices, now_of, subscribe


def test_a_canceled_run_finalizes_nothing_more(api: Client, aws: AwsCalls) -> None:
    ids = billing.drafts(api, 2)
    run = billing.start(api, ids)
    canceled = api.post(f"/billing-runs/{run['id']}/cancel").ok()
    assert (canceled["status"], canceled["ended_at"]) == ("canceled", "2026-03-10T12:00:00.000Z")
    assert billing.finished(api, aws, run) == canceled
    assert [api.get(f"/invoices/{id_}").ok()["status"] for id_ in ids] == ["draft"] * 2
    assert len(details("billing_run.canceled")) == 1


def test_documents_finalized_before_stay(api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cancellation arrives before the third block of two documents."""
    monkeypatch.setattr(block, "MAX_WRITES", 15)
    run = billing.start(api, billing.drafts(api, 6))

    def cancel() -> None:
        api.post(f"/billing-runs/{run['id']}/cancel").ok()

    with meanwhile(lambda: None, lambda: None, cancel):
        after = billing.finished(api, aws, run)
    assert (after["status"], after["counts"]["finalized"]) == ("canceled", 4)
    assert api.get("/number-series/invoice/gaps").ok()["gaps"] == []
    assert len(details("invoice.finalized")) == 4


def test_a_run_that_has_ended_cannot_be_canceled(api: Client, aws: AwsCalls) -> None:
    run = billing.start(api, billing.drafts(api, 1))
    billing.finished(api, aws, run)
    response = api.post(f"/billing-runs/{run['id']}/cancel")
    assert (response.status, response.code) == (409, "INVALID_STATE")


def test_a_canceled_run_lets_another_one_start(api: Client) -> None:
    ids = billing.drafts(api, 1)
    api.post(f"/billing-runs/{billing.start(api, ids)['id']}/cancel").ok()
    assert billing.start(api, ids)["status"] == "finalizing"


def test_subscriptions_wait_for_the_drafts_it_left(
    api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All drafts are created, and one is finalized by hand. Each subscription that issues its drafts waits once."""
    monkeypatch.setattr("invoicing.billing_runs.workflow.WORK_SECONDS", 0.0)
    two = subscribe(api, action="finalize", start_date="2026-02-10", catch_up="bill")
    one, kept, issued = (subscribe(api, action=action) for action in ("send", "draft", "finalize"))
    run = api.post("/billing-runs", {"source": "subscriptions"}).ok(202)
    while api.get(f"/billing-runs/{run['id']}").ok()["status"] != "finalizing":
        assert deliver_raw("bill_units", billing.step(run, api.tenant_id)) == []
    api.post(f"/billing-runs/{run['id']}/cancel").ok()
    api.post(f"/invoices/{invoices(api, issued)[0]['id']}/finalize").ok()
    [canceled] = details("billing_run.canceled")
    for _ in range(4):
        assert deliver("advance_run", canceled) == []
    for made in (one, two):
        attention, drafts = now_of(api, made)["attention"], [draft["id"] for draft in invoices(api, made)]
        assert (attention["code"], attention["invoice_id"]) == ("BILLING_RUN_CANCELED", drafts[0])
        assert attention["later_invoice_ids"] == drafts[1:]
    assert [now_of(api, made)["attention"] for made in (kept, issued)] == [None, None]
    assert len(details("subscription.attention")) == 2
    api.post(f"/invoices/{invoices(api, one)[0]['id']}/finalize").ok()
    bill_at(api, at, "2026-04-10T12:00", one, two)
    assert (now_of(api, one)["attention"], len(invoices(api, one)), len(invoices(api, two))) == (None, 2, 2)
    first, second = (draft["id"] for draft in invoices(api, two))
    api.post(f"/invoices/{first}/finalize").ok()
    assert now_of(api, two)["attention"]["invoice_id"] == second
    api.delete(f"/invoices/{second}").ok(204)
    assert now_of(api, two)["attention"] is None


def test_a_wait_for_an_issued_draft_ends(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft is finalized at the moment at which the canceled run shows it: neither notices the other."""
    made = subscribe(api, action="finalize")
    run = api.post("/billing-runs", {"source": "subscriptions"}).ok(202)
    assert deliver_raw("bill_units", billing.step(run, api.tenant_id)) == []
    api.post(f"/billing-runs/{run['id']}/cancel").ok()
    draft = invoices(api, made)[0]["id"]
    with monkeypatch.context() as unaware:
        unaware.setattr("invoicing.settlement.finalizing.after_issue", lambda *_: [])
        assert deliver("advance_run", details("billing_run.canceled")[0]) == []
        api.post(f"/invoices/{draft}/finalize").ok()
    assert now_of(api, made)["attention"]["invoice_id"] == draft
    for hour in (12, 13):
        bill_at(api, at, f"2026-04-10T{hour}:00", made)
    assert (now_of(api, made)["attention"], len(invoices(api, made))) == (None, 2)
