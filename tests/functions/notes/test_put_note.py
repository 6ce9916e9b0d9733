"""POST /invoices/{invoice_id}/notes/{note_id}"""

from typing import Any

import pytest

from invoicing.aws.files import store_once
from invoicing.core.ids import new_id
from invoicing.notes import storing
from tests.conftest import Clock
from tests.events import details
from tests.forms import PDF, File, send_form
from tests.gateway import Client
from tests.uploads import keys

ONE: File = ("a.pdf", PDF, "application/pdf")


def test_text_is_replaced_and_files_are_added(api: Client, issued: dict[str, Any]) -> None:
    """E60, E61: upsert on the note's id; the field is `text` here."""
    notes = f"/invoices/{issued['id']}/notes"
    note = send_form(api, notes, {"note": "first"}, [ONE]).ok(201)
    path = f"{notes}/{note['id']}"
    more = send_form(api, path, {}, [("b.txt", b"b", "text/plain")]).ok()
    assert (more["text"], [file["name"] for file in more["files"]]) == ("first", ["a.pdf", "b.txt"])
    rewritten = api.post(path, {"text": "<i>second</i>"}).ok()
    assert (rewritten["html"], rewritten["text"], rewritten["version"]) == ("<i>second</i>", "second", 3)
    assert rewritten["files"] == more["files"]
    told = [one["data"]["details"].get("files", []) for one in details("invoice.note_updated")]
    assert sorted(told) == [[], [more["files"][1]["id"]]]
    assert api.get(path).ok() == rewritten


def test_an_unknown_id_creates_a_note(api: Client, issued: dict[str, Any], at: Clock) -> None:
    id_ = new_id("note", at.now)
    path = f"/invoices/{issued['id']}/notes/{id_}"
    made = api.post(path, {"text": "x"}, headers={"Idempotency-Key": "k"})
    note = made.ok(201)
    assert (note["id"], note["version"], note["text"]) == (id_, 1, "x")
    assert made.headers["Location"] == f"/v1{path}"
    assert api.post(path, {"text": "x"}, headers={"Idempotency-Key": "k"}).ok(201) == note
    assert [one["data"]["details"]["note_id"] for one in details("invoice.note_added")] == [id_]


def test_if_match_on_a_missing_note_fails(api: Client, issued: dict[str, Any], at: Clock) -> None:
    path = f"/invoices/{issued['id']}/notes/{new_id('note', at.now)}"
    answer = api.post(path, {"text": "x"}, headers={"If-Match": '"3"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")
    assert api.get(path).code == "NOTE_NOT_FOUND"


def test_a_lost_race_leaves_no_file_behind(
    api: Client, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = f"/invoices/{issued['id']}/notes"
    path = f"{notes}/{api.post(notes, {'note': 'x'}).ok(201)['id']}"

    def store(*args: Any, **more: Any) -> str:
        api.post(path, {"text": "meanwhile"}).ok()
        return store_once(*args, **more)

    monkeypatch.setattr(storing, "store_once", store)
    monkeypatch.setattr("invoicing.store.retry.RETRY_SECONDS", 0.0)
    assert send_form(api, path, {"text": "late"}, [ONE]).code == "CONCURRENT_MODIFICATION"
    assert (api.get(path).ok()["text"], keys(api.tenant_id)) == ("meanwhile", [])


def test_a_malformed_id_is_not_found(api: Client, issued: dict[str, Any]) -> None:
    assert api.post(f"/invoices/{issued['id']}/notes/note_1", {"text": "x"}).code == "NOTE_NOT_FOUND"


def test_a_note_without_text_needs_a_file(api: Client, issued: dict[str, Any]) -> None:
    notes = f"/invoices/{issued['id']}/notes"
    only_text = api.post(notes, {"note": "x"}).ok(201)["id"]
    assert api.post(f"{notes}/{only_text}", {"text": ""}).code == "VALIDATION_ERROR"
    with_file = send_form(api, notes, {"note": "x"}, [ONE]).ok(201)["id"]
    assert api.post(f"{notes}/{with_file}", {"text": ""}).ok()["text"] is None


def test_the_same_content_is_no_change(api: Client, issued: dict[str, Any]) -> None:
    notes = f"/invoices/{issued['id']}/notes"
    note = send_form(api, notes, {"note": "x"}, [ONE]).ok(201)
    assert api.post(f"{notes}/{note['id']}", {}).code == "VALIDATION_ERROR"


def test_a_change_meant_for_another_version_is_refused(api: Client, issued: dict[str, Any]) -> None:
    notes = f"/invoices/{issued['id']}/notes"
    note = api.post(notes, {"note": "x"}).ok(201)["id"]
    assert api.post(f"{notes}/{note}", {"text": "y"}, headers={"If-Match": '"1"'}).ok()["version"] == 2
    assert api.post(f"{notes}/{note}", {"text": "z"}, headers={"If-Match": '"1"'}).status == 412


def test_a_note_has_a_hundred_files_at_most(api: Client, issued: dict[str, Any]) -> None:
    notes = f"/invoices/{issued['id']}/notes"
    path = f"{notes}/{send_form(api, notes, {}, [ONE] * 10).ok(201)['id']}"
    for _ in range(9):
        send_form(api, path, {}, [ONE] * 10).ok()
    answer = send_form(api, path, {}, [ONE])
    assert (answer.code, answer.json["errors"][0]["pointer"]) == ("VALIDATION_ERROR", "/file")
    api.delete(path).ok(204)
    [told] = details("invoice.note_deleted")
    assert len(told["data"]["details"]["objects"]) == 100
