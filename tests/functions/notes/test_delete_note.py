"""DELETE /invoices/{invoice_id}/notes/{note_id}"""

from typing import Any

from invoicing.tenants.model import Tenant
from tests.attachments import issued_with_files, with_files
from tests.builders import customer_json, invoice_json
from tests.forms import PDF, send_form
from tests.gateway import Client
from tests.races import meanwhile


def test_a_deleted_note_and_its_files_are_unavailable(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    notes = f"/invoices/{issued['id']}/notes"
    files = [("a.pdf", PDF, "application/pdf"), ("b.txt", b"b", "text/plain")]
    note = send_form(api, notes, {"note": "x"}, files).ok(201)
    api.delete(f"{notes}/{note['id']}").ok(204)
    assert api.get(f"{notes}/{note['id']}").code == "NOTE_NOT_FOUND"
    assert api.get(f"{notes}/{note['id']}/files").code == "NOTE_NOT_FOUND"
    assert api.get(notes).ok()["data"] == []
    keys = [entry["action_key"] for entry in api.get(f"/invoices/{issued['id']}/comments?action_key=NOTE").ok()["data"]]
    assert keys == ["NOTE", "NOTE"]


def test_a_note_is_deleted_once(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/notes"
    note = api.post(path, {"note": "x"}).ok(201)["id"]
    api.delete(f"{path}/{note}").ok(204)
    assert api.delete(f"{path}/{note}").code == "NOTE_NOT_FOUND"


def test_a_note_stays_while_its_document_contains_a_file_of_it(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued = issued_with_files(api, draft)
    notes, note = f"/invoices/{issued['id']}/notes", issued["attachments"][0]["note_id"]
    refused = api.delete(f"{notes}/{note}")
    assert (refused.status, refused.code) == (409, "FILE_ATTACHED")
    other = api.post(notes, {"note": "x"}).ok(201)["id"]
    api.delete(f"{notes}/{other}").ok(204)
    assert [one["id"] for one in api.get(notes).ok()["data"]] == [note]


def test_a_document_issued_meanwhile_keeps_its_note(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    chosen = with_files(api, draft)
    api.patch(f"/invoices/{draft}", {"attachments": chosen}).ok()
    with meanwhile(lambda: api.post(f"/invoices/{draft}/finalize").ok()):
        refused = api.delete(f"/invoices/{draft}/notes/{chosen[0]['note_id']}")
    assert (refused.status, refused.code) == (409, "FILE_ATTACHED")
