"""POST /billing-runs/{run_id}/cancel"""

import pytest

from invoicing.billing_runs import block
from tests import billing
from tests.aws import AwsCalls
from tests.events import details
from tests.gateway import Client
from tests.races import meanwhile


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
