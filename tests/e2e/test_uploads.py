"""Files on the embedded stack: with the note, by the form of S3, and out again by a link."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
import pytest

from infra.local.stack import Stack
from invoicing.adapters.files import key_of
from tests.builders import invoice_json
from tests.e2e.waiting import until
from tests.forms import PDF
from tests.uploads import announced

LARGE = PDF + b"%" * 6_000_000


@pytest.fixture
def note(api: httpx.Client) -> str:
    """The path of a note."""
    notes = f"/invoices/{api.post('/invoices', json=invoice_json()).json()['id']}/notes"
    return f"{notes}/{api.post(notes, json={'note': 'x'}).json()['id']}"


def announce(api: httpx.Client, note: str, content: bytes = LARGE) -> dict[str, Any]:
    answer = api.post(f"{note}/uploads", json=announced(content))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def sent(upload: dict[str, Any], content: bytes, **other: str) -> int:
    form = httpx.post(upload["url"], data=upload["fields"] | other, files={"file": ("x", content)}, timeout=60)
    return form.status_code


def looked_at(api: httpx.Client, note: str) -> dict[str, Any]:
    def found() -> list[dict[str, Any]]:
        return [one for one in api.get(f"{note}/files").json()["data"] if one["status"] != "pending"]

    return until(found)[0]


def test_a_file_too_large_for_the_api_comes_by_the_form_and_is_available(api: httpx.Client, note: str) -> None:
    upload = announce(api, note)
    assert sent(upload, LARGE) == 204
    file = looked_at(api, note)
    assert (file["id"], file["status"], file["size"]) == (upload["id"], "available", len(LARGE))
    link = api.post(f"{note}/files/{file['id']}/download-links", json={}).json()
    opened = httpx.get(link["url"], follow_redirects=True, timeout=30)
    assert opened.content == LARGE
    assert "filename*=UTF-8''plan.pdf" in opened.headers["Content-Disposition"]


def test_the_form_takes_neither_another_size_nor_another_type_nor_another_place(api: httpx.Client, note: str) -> None:
    upload = announce(api, note)
    assert sent(upload, LARGE[:-1]) >= 400
    assert sent(upload, LARGE, **{"Content-Type": "text/html"}) >= 400
    assert sent(upload, LARGE, key=f"{upload['fields']['key']}x") >= 400
    assert api.get(f"{note}/files").json()["data"][0]["status"] == "pending"


def test_what_got_past_the_form_is_rejected_and_cleared_away(
    api: httpx.Client, note: str, aws: boto3.Session, stack: Stack
) -> None:
    """The embedded S3 does not check the hash, as if the real one had failed to."""
    upload = announce(api, note)
    other = b"!" + LARGE[1:]
    assert hashlib.sha256(other).hexdigest() != upload["file"]["sha256"]
    assert sent(upload, other) in (204, 400)
    file = looked_at(api, note)
    assert (file["status"], file["reason"]) == ("rejected", "The SHA-256 of what arrived is another.")
    s3 = aws.client("s3", endpoint_url=stack.aws.url)
    bucket = next(one["Name"] for one in s3.list_buckets()["Buckets"] if "files" in one["Name"])
    assert until(lambda: not s3.list_objects_v2(Bucket=bucket, Prefix="incoming/").get("Contents"))


def test_an_unreferenced_file_is_deleted(api: httpx.Client, note: str, aws: boto3.Session, stack: Stack) -> None:
    """Without the delay: both files are stored again, so that S3 notifies the consumer now."""
    invoice_id = api.post("/invoices", json=invoice_json()).json()["id"]
    kept = api.post(f"/invoices/{invoice_id}/notes", files={"file": ("plan.pdf", PDF, "application/pdf")})
    assert kept.status_code == 201, kept.text
    s3: Any = aws.client("s3", endpoint_url=stack.aws.url)
    bucket = next(one["Name"] for one in s3.list_buckets()["Buckets"] if "files" in one["Name"])
    tenant_id = api.get("/tenant").json()["id"]
    orphan = f"{tenant_id}/file_01JD8X2V6PZ3QK7M5T9WRC4HBN/{hashlib.sha256(PDF).hexdigest()}"
    note_id = note.rpartition("/")[2]
    with _without_delay(aws, stack, "delete_unreferenced_file"):
        for key, owner in [(_key_of(tenant_id, kept.json()), kept.json()["id"]), (orphan, note_id)]:
            metadata = {"invoice_id": invoice_id, "note_id": owner}
            s3.put_object(Bucket=bucket, Key=key, Body=PDF, Metadata=metadata)
        assert until(lambda: not s3.list_objects_v2(Bucket=bucket, Prefix=orphan).get("Contents"))
    assert s3.list_objects_v2(Bucket=bucket, Prefix=_key_of(tenant_id, kept.json()))["KeyCount"] == 1


def _key_of(tenant_id: str, note: dict[str, Any]) -> str:
    [file] = note["files"]
    return key_of(tenant_id, file["id"], file["sha256"])


@contextmanager
def _without_delay(aws: boto3.Session, stack: Stack, function: str) -> Iterator[None]:
    sqs: Any = aws.client("sqs", endpoint_url=stack.aws.url)
    functions: Any = aws.client("lambda", endpoint_url=stack.aws.url)
    [mapping] = functions.list_event_source_mappings(FunctionName=f"invoicing-local-{function}")["EventSourceMappings"]
    queue = sqs.get_queue_url(QueueName=mapping["EventSourceArn"].rpartition(":")[2])["QueueUrl"]
    delay = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["DelaySeconds"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"DelaySeconds": "0"})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes=delay)
