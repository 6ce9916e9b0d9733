"""GET /invoices/{invoice_id}/notes/{note_id}/files"""

from typing import Any

from tests.forms import PDF, send_form
from tests.gateway import Client


def test_the_files_of_a_note_are_listed(api: Client, issued: dict[str, Any]) -> None:
    """E52"""
    path = f"/invoices/{issued['id']}/notes"
    note = send_form(api, path, {}, [("a.pdf", PDF, "application/pdf")]).ok(201)
    listed = api.get(f"{path}/{note['id']}/files").ok()
    assert (listed["data"], listed["has_more"]) == (note["files"], False)


def test_a_missing_note_has_no_files(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/notes/note_01JD8X2V6PZ3QK7M5T9WRC4HBN/files"
    assert api.get(path).code == "NOTE_NOT_FOUND"
