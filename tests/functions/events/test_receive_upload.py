"""An uploaded object arrived in S3 → the file is available, or rejected with the reason"""

from typing import Any

import pytest
from botocore.exceptions import IncompleteReadError

from invoicing.aws.files import key_of, read
from invoicing.aws.uploads import arrived
from invoicing.notes import receiving
from invoicing.tenants.model import Tenant
from tests.aws import ENVIRONMENT, AwsCalls
from tests.aws_events import boto, client_error
from tests.builders import invoice_json
from tests.events import deliver, deliver_raw, details
from tests.faults.deaths import Moment, dies_at
from tests.forms import PDF
from tests.gateway import Client
from tests.uploads import announced, arrive, keys, note_with_upload, put, waiting

LONGER = PDF + b"%" * 20
OTHER = PDF[:-1] + b"!"


def file_of(api: Client, path: str) -> dict[str, Any]:
    [file] = api.get(path).ok()["files"]
    return dict(file)


def test_an_upload_as_announced_becomes_available(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    path, upload = note_with_upload(api, issued["id"])
    assert arrive(upload) == []
    file = file_of(api, path)
    assert (file["status"], file["reason"]) == ("available", None)
    assert read(tenant.id, file["id"], file["sha256"]) == PDF
    assert waiting() == []
    [event] = details("invoice.file_available")
    assert event["data"]["details"] == {"note_id": path[-31:], "file_id": file["id"]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PDF[:-1], f"{len(PDF) - 1} bytes arrived, not {len(PDF)}."),
        (LONGER, f"{len(LONGER)} bytes arrived, not {len(PDF)}."),
        (b"", f"0 bytes arrived, not {len(PDF)}."),
        (OTHER, "The SHA-256 of what arrived is another."),
    ],
)
def test_an_upload_with_another_size_or_hash_is_rejected(
    api: Client, issued: dict[str, Any], tenant: Tenant, content: bytes, reason: str
) -> None:
    """As if S3 had not checked the form: every upload is verified again."""
    path, upload = note_with_upload(api, issued["id"])
    before = keys(tenant.id)
    assert arrive(upload, content) == []
    file = file_of(api, path)
    assert (file["status"], file["reason"]) == ("rejected", reason)
    assert (keys(tenant.id), waiting()) == (before, [])
    [event] = details("invoice.file_rejected")
    assert event["data"]["details"]["reason"] == reason


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04" + PDF, b"<!DOCTYPE html><script>alert(1)</script>" + PDF, b"\x89PNG\r\n\x1a\n"]
)
def test_an_upload_of_another_type_is_rejected(api: Client, issued: dict[str, Any], content: bytes) -> None:
    path, upload = note_with_upload(api, issued["id"], content=content)
    assert arrive(upload, content) == []
    file = file_of(api, path)
    assert (file["status"], file["reason"]) == ("rejected", "The content does not match the file's name and type.")


def test_a_file_that_arrives_twice_is_stored_once(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    event = put(upload, PDF)
    assert deliver_raw("receive_upload", event, event) == []
    assert deliver_raw("receive_upload", event) == []
    assert arrive(upload) == []
    assert arrive(upload, OTHER) == []
    assert (file_of(api, path)["status"], waiting()) == ("available", [])
    assert len(details("invoice.file_available")) == 1
    assert details("invoice.file_rejected") == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", range(1, 7))
def test_the_file_exists_once_if_the_worker_dies_anywhere(
    api: Client, issued: dict[str, Any], aws: AwsCalls, call: int, moment: Moment
) -> None:
    path, upload = note_with_upload(api, issued["id"])
    event = put(upload, PDF)
    with dies_at(call, moment, aws) as worker:
        deliver_raw("receive_upload", event)
    assert worker.died_at
    assert deliver_raw("receive_upload", event) == []
    assert file_of(api, path)["status"] == "available"
    assert (len(details("invoice.file_available")), len(keys(api.tenant_id))) == (1, 1)


def test_a_form_sent_twice_stores_one_file(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    for event in [put(upload, PDF), put(upload, PDF)]:
        assert deliver_raw("receive_upload", event) == []
    assert (file_of(api, path)["status"], len(keys(api.tenant_id)), waiting()) == ("available", 1, [])


def test_an_upload_for_a_deleted_draft_is_deleted(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    _, upload = note_with_upload(api, draft)
    api.delete(f"/invoices/{draft}").ok(204)
    assert arrive(upload) == []
    assert keys() == []


def test_a_rejected_file_stays_rejected(api: Client, issued: dict[str, Any]) -> None:
    path, upload = note_with_upload(api, issued["id"])
    arrive(upload, OTHER)
    assert arrive(upload) == []
    assert (file_of(api, path)["status"], waiting()) == ("rejected", [])


def test_an_upload_for_a_deleted_note_is_deleted(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    path, upload = note_with_upload(api, issued["id"])
    api.delete(path).ok(204)
    before = keys(tenant.id)
    assert arrive(upload) == []
    assert (keys(tenant.id), waiting()) == (before, [])
    assert deliver("delete_files", *details("invoice.note_deleted")) == []


def test_files_that_arrive_together_are_all_stored(api: Client, issued: dict[str, Any]) -> None:
    path, first = note_with_upload(api, issued["id"])
    second, third = (api.post(f"{path}/uploads", announced()).ok(201) for _ in range(2))
    assert deliver_raw("receive_upload", *(put(one, PDF) for one in (third, first, second))) == []
    assert [file["status"] for file in api.get(path).ok()["files"]] == ["available"] * 3


def test_a_stored_file_names_its_note(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    path, upload = note_with_upload(api, issued["id"])
    arrive(upload)
    file = file_of(api, path)
    head = boto("s3").head_object(Bucket=ENVIRONMENT["FILES_BUCKET"], Key=key_of(tenant.id, file["id"], file["sha256"]))
    assert head["Metadata"] == {"invoice_id": issued["id"], "note_id": path[-31:]}


def test_a_file_is_not_available_before_it_is_stored(
    api: Client, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, upload = note_with_upload(api, issued["id"])
    event = put(upload, PDF)
    with monkeypatch.context() as patch:
        patch.setattr("invoicing.notes.receiving.store_once", _failing)
        assert deliver_raw("receive_upload", event) == ["0"]
        assert (file_of(api, path)["status"], len(waiting())) == ("pending", 1)
    assert deliver_raw("receive_upload", event) == []
    assert (file_of(api, path)["status"], waiting()) == ("available", [])


@pytest.mark.parametrize("unreadable", [b"", PDF[:-1], b"<Error><Code>InternalError</Code></Error>", OTHER])
def test_a_file_that_was_read_incorrectly_is_read_again(
    api: Client, issued: dict[str, Any], unreadable: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, upload = note_with_upload(api, issued["id"])
    event = put(upload, PDF)
    readings = [unreadable]
    with monkeypatch.context() as patch:
        read_once = arrived
        patch.setattr(receiving, "arrived", lambda place: readings.pop() if readings else read_once(place))
        assert deliver_raw("receive_upload", event) == ["0"]
    assert (file_of(api, path)["status"], len(waiting())) == ("pending", 1)
    assert deliver_raw("receive_upload", event) == []
    assert (file_of(api, path)["status"], waiting()) == ("available", [])


@pytest.mark.parametrize(
    "error",
    [
        client_error("GetObject", 404, "404"),
        client_error("GetObject", 503, "SlowDown"),
        IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
@pytest.mark.parametrize("consumer", ["receive_upload", "expire_upload"])
def test_a_fault_of_s3_neither_rejects_nor_deletes(
    api: Client, issued: dict[str, Any], error: Exception, consumer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, upload = note_with_upload(api, issued["id"])
    event = put(upload, PDF)

    def fail(_: object) -> bytes:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("invoicing.aws.uploads.s3.get", fail)
        if consumer == "receive_upload":
            assert deliver_raw(consumer, event) == ["0"]
        else:
            assert len(deliver(consumer, *details("invoice.upload_requested"))) == 1
    assert (file_of(api, path)["status"], len(waiting())) == ("pending", 1)
    assert deliver_raw("receive_upload", event) == []
    assert file_of(api, path)["status"] == "available"


def _failing(*_: object, **__: object) -> str:
    raise ConnectionError
