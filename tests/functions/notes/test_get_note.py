"""GET /invoices/{invoice_id}/notes/{note_id}"""

from typing import Any

from tests.builders import invoice_json
from tests.forms import PDF, send_form
from tests.gateway import Client


def test_a_note_is_shown_as_it_was_written(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/notes"
    note = send_form(api, path, {"note": "<i>Look</i>"}, [("a.pdf", PDF, "application/pdf")]).ok(201)
    assert api.get(f"{path}/{note['id']}").ok() == note


def test_a_note_is_found_under_its_own_document_only(api: Client, issued: dict[str, Any]) -> None:
    note = api.post(f"/invoices/{issued['id']}/notes", {"note": "x"}).ok(201)["id"]
    other = api.post("/invoices", invoice_json()).ok(201)["id"]
    assert api.get(f"/invoices/{other}/notes/{note}").code == "NOTE_NOT_FOUND"
