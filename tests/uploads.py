"""Files that are announced, uploaded to S3 and verified."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from invoicing.aws.files import key_of
from invoicing.aws.uploads import INCOMING
from tests.aws import ENVIRONMENT
from tests.aws_events import boto
from tests.events import deliver_raw
from tests.forms import PDF
from tests.gateway import Client


def announced(content: bytes = PDF, name: str = "plan.pdf", content_type: str = "application/pdf") -> dict[str, Any]:
    """The announcement of a file by a client."""
    sha256 = hashlib.sha256(content).hexdigest()
    return {"name": name, "content_type": content_type, "size": len(content), "sha256": sha256}


def note_with_upload(api: Client, invoice_id: str, **said: Any) -> tuple[str, dict[str, Any]]:
    """A new note with an announced file: its path, and the upload form."""
    notes = f"/invoices/{invoice_id}/notes"
    path = f"{notes}/{api.post(notes, {'note': 'x'}).ok(201)['id']}"
    upload: dict[str, Any] = api.post(f"{path}/uploads", announced(**said)).ok(201)
    return path, upload


def put(upload: Mapping[str, Any], content: bytes) -> str:
    """Store an object at the place of an expected file, without the form. Returns the event of S3."""
    key, content_type = upload["fields"]["key"], upload["fields"]["Content-Type"]
    boto("s3").put_object(Bucket=ENVIRONMENT["FILES_BUCKET"], Key=key, Body=content, ContentType=content_type)
    return _told("Object Created", {"key": key, "size": len(content)})


def tagged(tenant_id: str, file: Mapping[str, Any], result: str = "THREATS_FOUND") -> str:
    """Let GuardDuty tag a file. Returns the event of S3."""
    key = key_of(tenant_id, file["id"], file["sha256"])
    tags = {"TagSet": [{"Key": "GuardDutyMalwareScanStatus", "Value": result}]}
    boto("s3").put_object_tagging(Bucket=ENVIRONMENT["FILES_BUCKET"], Key=key, Tagging=tags)
    return _told("Object Tags Added", {"key": key})


def stored(key: str) -> str:
    """S3's notice that a file was stored."""
    return _told("Object Created", {"key": key, "size": 1})


def check_stored_files(prefix: str = "") -> list[str]:
    """Handle the delayed notice of each file under a prefix. Returns the messages that go back into the queue."""
    return [one for key in keys(prefix) for one in deliver_raw("delete_unreferenced_file", stored(key))]


def _told(kind: str, about: Mapping[str, Any]) -> str:
    detail = {"version": "0", "bucket": {"name": ENVIRONMENT["FILES_BUCKET"]}, "object": about}
    return json.dumps({"id": str(uuid.uuid4()), "source": "aws.s3", "detail-type": kind, "detail": detail})


def arrive(upload: Mapping[str, Any], content: bytes = PDF) -> list[str]:
    """The same, and verified. Returns the messages that go back into the queue."""
    return deliver_raw("receive_upload", put(upload, content))


def waiting() -> list[str]:
    """The keys of uploads that were not accepted."""
    return keys(INCOMING)


def keys(prefix: str = "") -> list[str]:
    """The keys of all available objects under a prefix."""
    listed = boto("s3").list_objects_v2(Bucket=ENVIRONMENT["FILES_BUCKET"], Prefix=prefix)
    return [one["Key"] for one in listed.get("Contents", [])]
