"""invoice.upload_requested, a quarter of an hour later → what did not arrive is rejected"""

from typing import Any

from infra.discovery import discover
from invoicing.consumers.consumer import Consumer
from tests.events import deliver, details
from tests.forms import PDF
from tests.gateway import Client
from tests.uploads import arrive, note_with_upload, put, waiting


def test_what_did_not_arrive_in_time_is_rejected_and_comes_too_late(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    for _ in range(2):
        assert deliver("expire_upload", *details("invoice.upload_requested")) == []
    [file] = api.get(path).ok()["files"]
    assert (file["status"], file["reason"]) == ("rejected", "Nothing arrived in time.")
    assert arrive(upload) == []
    assert (api.get(path).ok()["files"], waiting()) == ([file], [])
    assert len(details("invoice.file_rejected")) == 1


def test_what_arrived_stays(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    arrive(upload)
    assert deliver("expire_upload", *details("invoice.upload_requested")) == []
    assert api.get(path).ok()["files"][0]["status"] == "available"


def test_a_deleted_note_waits_for_nothing(api: Client, issued: dict[str, Any]) -> None:
    path, _ = note_with_upload(api, issued["id"])
    api.delete(path).ok(204)
    assert deliver("expire_upload", *details("invoice.upload_requested")) == []


def test_what_arrived_and_was_never_looked_at_is_looked_at_now(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    put(upload, PDF)
    assert deliver("expire_upload", *details("invoice.upload_requested")) == []
    assert (api.get(path).ok()["files"][0]["status"], waiting()) == ("available", [])


def test_a_note_that_was_deleted_and_written_anew_waits_for_nothing(api: Client, issued: dict[str, Any]) -> None:
    path, _ = note_with_upload(api, issued["id"])
    api.delete(path).ok(204)
    api.post(path, {"text": "anew"}).ok(201)
    assert deliver("expire_upload", *details("invoice.upload_requested")) == []


def test_a_file_is_waited_for_longer_than_its_form_lives() -> None:
    [declared] = [one.declaration for one in discover() if one.name == "expire_upload"]
    assert isinstance(declared, Consumer)
    assert declared.delay == 900
