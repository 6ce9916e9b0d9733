"""invoice.upload_requested, 15 minutes later → an upload that did not arrive is rejected"""

from typing import Any

from infra.discovery import discover
from invoicing.consumers.consumer import Consumer
from tests.events import deliver, details
from tests.forms import PDF
from tests.gateway import Client
from tests.uploads import arrive, note_with_upload, put, waiting


def test_a_missing_upload_is_rejected_and_stays_so(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    for _ in range(2):
        assert deliver("expire_upload", *details("invoice.upload_requested")) == []
    [file] = api.get(path).ok()["files"]
    assert (file["status"], file["reason"]) == ("rejected", "Nothing arrived in time.")
    assert arrive(upload) == []
    assert (api.get(path).ok()["files"], waiting()) == ([file], [])
    assert len(details("invoice.file_rejected")) == 1


def test_an_upload_that_arrived_stays_available(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    arrive(upload)
    assert deliver("expire_upload", *details("invoice.upload_requested")) == []
    assert api.get(path).ok()["files"][0]["status"] == "available"


def test_an_upload_of_a_deleted_note_is_ignored(api: Client, issued: dict[str, Any]) -> None:
    path, _ = note_with_upload(api, issued["id"])
    api.delete(path).ok(204)
    assert deliver("expire_upload", *details("invoice.upload_requested")) == []


def test_an_upload_that_was_never_verified_is_verified(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    put(upload, PDF)
    assert deliver("expire_upload", *details("invoice.upload_requested")) == []
    assert (api.get(path).ok()["files"][0]["status"], waiting()) == ("available", [])


def test_an_upload_of_a_recreated_note_is_ignored(api: Client, issued: dict[str, Any]) -> None:
    path, _ = note_with_upload(api, issued["id"])
    api.delete(path).ok(204)
    api.post(path, {"text": "again"}).ok(201)
    assert deliver("expire_upload", *details("invoice.upload_requested")) == []


def test_the_delay_outlasts_the_upload_form() -> None:
    [declared] = [one.declaration for one in discover() if one.name == "expire_upload"]
    assert isinstance(declared, Consumer)
    assert declared.delay == 900
