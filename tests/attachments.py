"""Files of notes that documents contain."""

from collections.abc import Sequence
from typing import Any

from tests.forms import PDF, File, send_form
from tests.gateway import Client

SHEET: File = ("Stunden.csv", b"Tag;Stunden\r\n2026-03-02;8", "text/csv")
SCAN: File = ("Lieferschein.pdf", PDF, "application/pdf")


def with_files(api: Client, invoice_id: str, *files: File) -> list[dict[str, str]]:
    """A note with these files, and the references with which a document contains them."""
    note = send_form(api, f"/invoices/{invoice_id}/notes", {"note": "x"}, files or [SHEET, SCAN]).ok(201)
    return references(note)


def references(note: dict[str, Any], descriptions: Sequence[str] = ()) -> list[dict[str, str]]:
    """The references to all files of a note."""
    found = [{"note_id": note["id"], "file_id": file["id"]} for file in note["files"]]
    for one, description in zip(found, descriptions, strict=False):
        one["description"] = description
    return found


def issued_with_files(api: Client, draft: str, *files: File) -> dict[str, Any]:
    """The draft, issued with these files."""
    chosen = with_files(api, draft, *files)
    chosen[0]["description"] = "Stundenzettel"
    api.patch(f"/invoices/{draft}", {"attachments": chosen}).ok()
    return dict(api.post(f"/invoices/{draft}/finalize").ok())
