"""POST /invoices/{invoice_id}/notes/{note_id}/uploads"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from invoicing.notes.model import MAX_UPLOAD_BYTES
from invoicing.tenants.model import Tenant
from tests.aws import ENVIRONMENT, AwsCalls
from tests.events import details
from tests.gateway import Client
from tests.uploads import announced, note_with_upload


def test_a_requested_file_is_pending_and_has_its_own_form(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    path, upload = note_with_upload(api, issued["id"])
    said = announced()
    note = api.get(path).ok()
    [file] = note["files"]
    assert {name: file[name] for name in said} == said
    assert (file["status"], note["version"], upload["file"], upload["id"]) == ("pending", 2, file, file["id"])
    fields = upload["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    size, checksum = said["size"], base64.b64encode(bytes.fromhex(said["sha256"])).decode()
    conditions = policy["conditions"]
    for exactly in (
        ["content-length-range", size, size],
        {"bucket": ENVIRONMENT["FILES_BUCKET"]},
        {"key": f"incoming/{tenant.id}/{issued['id']}/{note['id']}/{file['id']}"},
        {"Content-Type": "application/pdf"},
        {"x-amz-checksum-sha256": checksum},
    ):
        assert exactly in conditions
    assert not any(isinstance(one, list) and one[0] == "starts-with" for one in conditions)
    assert (datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)).total_seconds() <= 300
    assert (fields["Content-Type"], fields["x-amz-checksum-sha256"]) == ("application/pdf", checksum)


def test_an_upload_request_takes_three_calls_and_is_recorded(
    api: Client, issued: dict[str, Any], aws: AwsCalls
) -> None:
    note = api.post(f"/invoices/{issued['id']}/notes", {"note": "x"}).ok(201)["id"]
    with aws.only("request_upload") as calls:
        upload = api.post(f"/invoices/{issued['id']}/notes/{note}/uploads", announced()).ok(201)
    assert calls.names == {"dynamodb:GetItem": 2, "dynamodb:TransactWriteItems": 1}
    [told] = details("invoice.upload_requested")
    assert told["data"]["details"] == {"note_id": note, "file_id": upload["id"]}


def test_a_repeated_request_creates_one_file_and_one_form(api: Client, issued: dict[str, Any]) -> None:
    path, _ = note_with_upload(api, issued["id"])
    key = {"Idempotency-Key": "once"}
    first = api.post(f"{path}/uploads", announced(), headers=key).ok(201)
    again = api.post(f"{path}/uploads", announced(), headers=key).ok(201)
    assert again == {**first, "url": None, "fields": None}
    assert len(api.get(path).ok()["files"]) == 2


@pytest.mark.parametrize(
    ("said", "status", "code", "pointer"),
    [
        ({"size": MAX_UPLOAD_BYTES + 1}, 413, "FILE_TOO_LARGE", "/size"),
        ({"size": 0}, 400, "VALIDATION_ERROR", "/size"),
        ({"sha256": "5F" * 32}, 400, "VALIDATION_ERROR", "/sha256"),
        ({"name": ""}, 400, "VALIDATION_ERROR", "/name"),
        ({"name": "a.svg", "content_type": "image/svg+xml"}, 415, "UNSUPPORTED_FILE_TYPE", "/content_type"),
        ({"name": "a.pdf", "content_type": "image/png"}, 415, "UNSUPPORTED_FILE_TYPE", "/content_type"),
    ],
)
def test_an_unacceptable_file_is_refused_before_its_upload(
    api: Client, issued: dict[str, Any], said: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    note = api.post(f"/invoices/{issued['id']}/notes", {"note": "x"}).ok(201)["id"]
    answer = api.post(f"/invoices/{issued['id']}/notes/{note}/uploads", announced() | said)
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (status, code, pointer)
    assert api.get(f"/invoices/{issued['id']}/notes/{note}").ok()["files"] == []


def test_the_largest_file_is_announced_and_its_name_made_safe(api: Client, issued: dict[str, Any]) -> None:
    note = api.post(f"/invoices/{issued['id']}/notes", {"note": "x"}).ok(201)["id"]
    said = announced() | {"size": MAX_UPLOAD_BYTES, "name": "../../etc/Plan\u202e.pdf"}
    upload = api.post(f"/invoices/{issued['id']}/notes/{note}/uploads", said).ok(201)
    assert (upload["file"]["name"], upload["file"]["size"]) == ("Plan.pdf", 52_428_800)


def test_a_missing_note_gets_no_upload(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/notes/note_01JD8X2V6PZ3QK7M5T9WRC4HBN/uploads"
    assert api.post(path, announced()).code == "NOTE_NOT_FOUND"
