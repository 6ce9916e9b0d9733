"""POST /invoices/{invoice_id}/notes/{note_id}/files/{file_id}/download-links: E52, D11."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.builders import invoice_json
from tests.events import deliver, deliver_raw, details
from tests.forms import PDF, send_form
from tests.gateway import Client
from tests.uploads import keys, note_with_upload, tagged

ONE = ("a.pdf", PDF, "application/pdf")


@pytest.fixture
def note(api: Client, issued: dict[str, Any]) -> dict[str, Any]:
    """A note with a file whose name is in another script."""
    found: dict[str, Any] = send_form(
        api, f"/invoices/{issued['id']}/notes", {}, [("請求書 №1.pdf", PDF, "application/pdf")]
    ).ok(201)
    return found


def links_of(note: dict[str, Any], file: dict[str, Any] | None = None) -> str:
    file_id = (file or note["files"][0])["id"]
    return f"/invoices/{note['invoice_id']}/notes/{note['id']}/files/{file_id}/download-links"


def open_link(link: dict[str, Any]) -> Any:
    return Client(None).get("/downloads/" + link["url"].rpartition("/")[2])


def test_a_link_opens_the_file_under_its_own_name(api: Client, note: dict[str, Any]) -> None:
    link = api.post(links_of(note), {"expires_in": 60}).ok(201)
    assert (link["note_id"], link["file"]) == (note["id"], note["files"][0]["id"])
    location = open_link(link).headers["Location"]
    query = parse_qs(urlsplit(location).query)
    disposition = query["response-content-disposition"][0]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8%20%E2%84%961.pdf" in disposition
    assert query["response-content-type"] == ["application/pdf"]
    assert requests.get(location, timeout=5).content == PDF


def test_downloads_are_recorded_and_do_not_mark_it_sent(api: Client, note: dict[str, Any]) -> None:
    link = api.post(links_of(note)).ok(201)
    for _ in range(2):
        assert open_link(link).status == 302
    timeline = api.get(f"/invoices/{note['invoice_id']}/comments?action_key=DOWNLOAD").ok()["data"]
    assert sorted(entry["type"] for entry in timeline) == ["downloaded", "link_created"]
    assert {entry["metadata"]["file"] for entry in timeline} == {note["files"][0]["id"]}
    assert api.get(f"/invoices/{note['invoice_id']}").ok()["sent_at"] is None


def test_a_link_to_a_file_can_be_revoked(api: Client, note: dict[str, Any]) -> None:
    link = api.post(links_of(note)).ok(201)
    api.delete(f"/invoices/{note['invoice_id']}/download-links/{link['id']}").ok(204)
    assert open_link(link).code == "LINK_EXPIRED"


def test_a_deleted_draft_makes_its_files_unavailable_at_once(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    notes = f"/invoices/{draft}/notes"
    made = [send_form(api, notes, {}, [ONE]).ok(201) for _ in range(3)]
    link = api.post(links_of(made[0])).ok(201)
    assert open_link(link).status == 302
    api.delete(f"/invoices/{draft}").ok(204)
    assert open_link(link).code == "LINK_NOT_FOUND"
    for path in (notes, f"{notes}/{made[0]['id']}", f"{notes}/{made[0]['id']}/files"):
        assert api.get(path).code == "INVOICE_NOT_FOUND"
    for _ in range(2):
        assert deliver("delete_notes", *details("invoice.deleted")) == []
    told = details("invoice.note_deleted")
    assert {one["data"]["details"]["note_id"] for one in told} == {note["id"] for note in made}
    assert len(keys(api.tenant_id)) == 3
    assert deliver("delete_files", *told) == []
    assert keys(api.tenant_id) == []


def test_a_deleted_note_makes_its_file_unavailable_at_once(api: Client, note: dict[str, Any]) -> None:
    link = api.post(links_of(note)).ok(201)
    api.delete(f"/invoices/{note['invoice_id']}/notes/{note['id']}").ok(204)
    assert open_link(link).code == "LINK_NOT_FOUND"
    assert api.post(links_of(note)).code == "NOTE_NOT_FOUND"


def test_a_pending_or_rejected_file_gets_no_link(api: Client, issued: dict[str, Any], note: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    links = f"{path}/files/{upload['id']}/download-links"
    answer = api.post(links)
    assert (answer.status, answer.code, answer.json["detail"]) == (409, "FILE_NOT_READY", "The file is pending.")
    deliver("expire_upload", *details("invoice.upload_requested"))
    assert api.post(links).json["detail"] == "The file is rejected. Nothing arrived in time."
    link = api.post(links_of(note)).ok(201)
    assert deliver_raw("quarantine_file", tagged(api.tenant_id, note["files"][0])) == []
    assert api.post(links_of(note)).code == "FILE_NOT_READY"
    assert open_link(link).code == "LINK_NOT_FOUND"


def test_a_file_of_another_note_is_not_found(api: Client, issued: dict[str, Any], note: dict[str, Any]) -> None:
    other = api.post(f"/invoices/{issued['id']}/notes", {"note": "x"}).ok(201)
    assert api.post(links_of(other, note["files"][0])).code == "FILE_NOT_FOUND"
