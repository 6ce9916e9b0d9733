"""Files on the embedded stack: uploaded with a note or by the form of S3, and downloaded by a link."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import boto3
import httpx
import pytest

from infra.local.stack import Stack
from invoicing.core.ids import new_id
from tests.bank import Month, Movement, camt_of, statement_announced
from tests.builders import NOON, invoice_json
from tests.e2e.waiting import until
from tests.forms import PDF
from tests.uploads import announced

pytestmark = pytest.mark.system

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
    form = httpx.post(upload["url"], data=upload["fields"] | other, files={"file": ("x", content)}, timeout=120)
    return form.status_code


def looked_at(api: httpx.Client, note: str) -> dict[str, Any]:
    def found() -> list[dict[str, Any]]:
        return [one for one in api.get(f"{note}/files").json()["data"] if one["status"] != "pending"]

    return until(found)[0]


def test_a_large_file_is_uploaded_by_the_form(api: httpx.Client, note: str) -> None:
    upload = announce(api, note)
    assert sent(upload, LARGE) == 204
    file = looked_at(api, note)
    assert (file["id"], file["status"], file["size"]) == (upload["id"], "available", len(LARGE))
    link = api.post(f"{note}/files/{file['id']}/download-links", json={}).json()
    opened = httpx.get(link["url"], follow_redirects=True, timeout=120)
    assert opened.content == LARGE
    assert "filename*=UTF-8''plan.pdf" in opened.headers["Content-Disposition"]


def test_the_form_refuses_another_size_type_or_key(api: httpx.Client, note: str) -> None:
    upload = announce(api, note)
    assert sent(upload, LARGE[:-1]) >= 400
    assert sent(upload, LARGE, **{"Content-Type": "text/html"}) >= 400
    assert sent(upload, LARGE, key=f"{upload['fields']['key']}x") >= 400
    assert api.get(f"{note}/files").json()["data"][0]["status"] == "pending"


def test_a_bad_file_that_passed_the_form_is_rejected_and_deleted(
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


def ended(api: httpx.Client, announced: dict[str, Any]) -> dict[str, Any]:
    """An announced statement once its import ended."""

    def found() -> list[dict[str, Any]]:
        statement = api.get(f"/bank-statements/{announced['statements'][0]['id']}").json()
        return [statement] if statement["status"] in ("done", "failed") else []

    return until(found)[0]


def test_a_large_bank_statement_is_uploaded_and_imported(api: httpx.Client) -> None:
    iban = api.get("/tenant").json()["bank_accounts"][0]["iban"]
    month = Month([Movement(date(2026, 3, 2), Decimal("119.00"), new_id("txt", NOON))], iban=iban)
    content = camt_of(month) + b"<!--" + b"x" * 6_000_000 + b"-->"
    announced = api.post("/bank-statements/uploads", json=statement_announced(content)).json()
    assert sent(announced, content) == 204
    imported = ended(api, announced)
    assert (imported["status"], imported["new"], imported["problems"]) == ("done", 1, [])
    again = api.post("/bank-statements/uploads", json=statement_announced(content))
    assert (again.status_code, again.json()["statements"]) == (200, [imported])


def test_an_uploaded_file_that_is_no_statement_fails(api: httpx.Client) -> None:
    content = f"<Document>{new_id('txt', NOON)}</Document>".encode()
    announced = api.post("/bank-statements/uploads", json=statement_announced(content)).json()
    assert sent(announced, content) == 204
    failed = ended(api, announced)
    assert failed["status"] == "failed"
    assert [one["code"] for one in failed["problems"]] == ["UNREADABLE_STATEMENT"]
