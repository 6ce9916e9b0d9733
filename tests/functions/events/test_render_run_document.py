"""invoice.finalized by a billing run → its files, as test_render_document.py tests them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from invoicing.aws.files import delete, key_of, read
from invoicing.tenants.model import Tenant
from tests import billing
from tests.aws import AwsCalls
from tests.events import deliver, deliver_raw, details, dlq_messages
from tests.gateway import Client
from tests.simulation.writers import consumers_of
from tests.world import issue

Json = dict[str, Any]


def pdf_of(api: Client, event: Json) -> Json:
    pdf: Json = api.get(f"/invoices/{event['resource']['id']}").ok()["files"]["pdf"]
    return pdf


def test_a_document_of_a_run_is_rendered_and_mailed_once(api: Client, aws: AwsCalls) -> None:
    run = billing.finished(api, aws, billing.start(api, billing.drafts(api, 1), send=True))
    [finalized] = details("invoice.finalized")
    assert finalized["data"]["details"]["billing_run_id"] == run["id"]
    for _ in range(2):
        assert deliver("render_run_document", finalized) == []
    assert pdf_of(api, finalized)["status"] == "available"
    assert len(details("document.rendered")) == 1
    assert len(details("email.requested")) == 1


def test_it_is_locked_and_rendered_again_if_lost(
    api: Client, aws: AwsCalls, tenant: Tenant, locks: Callable[[str], Any]
) -> None:
    billing.finished(api, aws, billing.start(api, billing.drafts(api, 1)))
    [finalized] = details("invoice.finalized")
    assert deliver("render_run_document", finalized) == []
    before = pdf_of(api, finalized)
    assert locks(key_of(tenant.id, before["id"], before["sha256"]))["ObjectLockMode"] == "COMPLIANCE"
    delete(tenant.id, before["id"], before["sha256"])
    assert deliver("render_run_document", {**finalized, "id": "evt_again"}) == []
    assert pdf_of(api, finalized) == before
    assert len(read(tenant.id, before["id"], before["sha256"])) == before["size"]


def test_it_goes_to_the_dlq_if_it_cannot_be_rendered(
    api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    billing.finished(api, aws, billing.start(api, billing.drafts(api, 1)))
    [finalized] = details("invoice.finalized")
    monkeypatch.setattr("invoicing.documents.pdf._compile", None)
    assert deliver_raw("render_run_document", json.dumps({"detail": finalized}), received=5) == []
    [(reason, _)] = dlq_messages()
    assert reason["code"] == "INTERNAL_ERROR"
    assert pdf_of(api, finalized)["status"] == "pending"


def test_each_document_is_rendered_by_one_consumer(api: Client, aws: AwsCalls) -> None:
    issued = issue(api)
    api.post(f"/invoices/{issued['id']}/render").ok(202)
    billing.finished(api, aws, billing.start(api, billing.drafts(api, 1)))
    events = details("invoice.finalized", "document.rendering_requested")
    assert len(events) == 3
    for event in events:
        renderer = "render_document" if event["resource"]["id"] == issued["id"] else "render_run_document"
        assert [name for name in consumers_of(event) if name.startswith("render_")] == [renderer]
