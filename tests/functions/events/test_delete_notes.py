"""invoice.deleted → the notes about the draft are deleted, and their files with them"""

from tests.builders import invoice_json
from tests.events import deliver, details
from tests.forms import PDF, send_form
from tests.gateway import Client


def test_notes_of_a_deleted_draft_are_deleted_with_an_event_each(api: Client) -> None:
    draft = f"/invoices/{api.post('/invoices', invoice_json()).ok(201)['id']}"
    notes = [send_form(api, f"{draft}/notes", {}, [("a.pdf", PDF, "application/pdf")]).ok(201) for _ in range(3)]
    api.delete(draft).ok(204)
    for _ in range(2):
        assert deliver("delete_notes", *details("invoice.deleted")) == []
    deleted = {
        one["data"]["details"]["note_id"]: one["data"]["details"]["objects"] for one in details("invoice.note_deleted")
    }
    files = {note["id"]: note["files"][0] for note in notes}
    assert deleted == {id_: [f"{file['id']}/{file['sha256']}"] for id_, file in files.items()}


def test_a_draft_without_notes_causes_no_change(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    api.delete(f"/invoices/{draft}").ok(204)
    assert deliver("delete_notes", *details("invoice.deleted")) == []
    assert details("invoice.note_deleted") == []
