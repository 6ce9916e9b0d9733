"""GuardDuty tagged a file → quarantined, if it is harmful"""

from typing import Any

import pytest

from tests.events import deliver, deliver_raw, details
from tests.forms import PDF, send_form
from tests.gateway import Client
from tests.uploads import tagged


@pytest.fixture
def note(api: Client, issued: dict[str, Any]) -> dict[str, Any]:
    """A note with two files."""
    files = [(name, PDF, "application/pdf") for name in ("a.pdf", "b.pdf")]
    return dict(send_form(api, f"/invoices/{issued['id']}/notes", {}, files).ok(201))


def statuses(api: Client, note: dict[str, Any]) -> list[str]:
    files = api.get(f"/invoices/{note['invoice_id']}/notes/{note['id']}").ok()["files"]
    return [file["status"] for file in files]


def test_a_harmful_file_cannot_be_downloaded(api: Client, note: dict[str, Any]) -> None:
    event = tagged(api.tenant_id, note["files"][0])
    assert deliver_raw("quarantine_file", event, event) == []
    assert deliver_raw("quarantine_file", tagged(api.tenant_id, note["files"][0])) == []
    assert statuses(api, note) == ["quarantined", "available"]
    [quarantined] = details("invoice.file_quarantined")
    assert quarantined["data"]["details"]["file_id"] == note["files"][0]["id"]


@pytest.mark.parametrize("result", ["NO_THREATS_FOUND", "UNSUPPORTED", "ACCESS_DENIED", "FAILED"])
def test_a_harmless_file_stays_available(api: Client, note: dict[str, Any], result: str) -> None:
    assert deliver_raw("quarantine_file", tagged(api.tenant_id, note["files"][0], result)) == []
    assert statuses(api, note) == ["available", "available"]


def test_a_tag_on_a_file_of_a_deleted_note_is_ignored(api: Client, note: dict[str, Any]) -> None:
    event = tagged(api.tenant_id, note["files"][0])
    api.delete(f"/invoices/{note['invoice_id']}/notes/{note['id']}").ok(204)
    assert deliver_raw("quarantine_file", event) == []
    assert details("invoice.file_quarantined") == []


def test_a_tag_on_a_deleted_file_is_ignored(api: Client, note: dict[str, Any]) -> None:
    event = tagged(api.tenant_id, note["files"][0])
    api.delete(f"/invoices/{note['invoice_id']}/notes/{note['id']}").ok(204)
    assert deliver("delete_files", *details("invoice.note_deleted")) == []
    assert deliver_raw("quarantine_file", event) == []


def test_a_tag_on_a_file_of_a_recreated_note_is_ignored(api: Client, note: dict[str, Any]) -> None:
    event = tagged(api.tenant_id, note["files"][0])
    path = f"/invoices/{note['invoice_id']}/notes/{note['id']}"
    api.delete(path).ok(204)
    api.post(path, {"text": "again"}).ok(201)
    assert deliver_raw("quarantine_file", event) == []


def test_a_harmful_file_of_this_service_is_retried(api: Client, rendered: dict[str, Any]) -> None:
    event = tagged(api.tenant_id, rendered["files"]["pdf"])
    assert len(deliver_raw("quarantine_file", event)) == 1
