"""POST /bank-statements/uploads"""

import base64
import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest

from invoicing.tenants.model import Tenant
from tests import builders
from tests.aws import ENVIRONMENT
from tests.bank import IBAN, Month, Movement, announce, arrive, camt_of, deliver_import, several, upload
from tests.builders import NOON
from tests.events import deliver, details
from tests.gateway import Client
from tests.world import with_key

LIMIT = 50 * 1024 * 1024
CONTENT = camt_of(Month([Movement(NOON.date(), Decimal("119.00"), "INV-2026-000001")]))


def test_an_announced_statement_is_pending_and_has_its_own_form(api: Client, tenant: Tenant) -> None:
    announced = announce(api, CONTENT, bank_account_id="main")
    [statement] = announced["statements"]
    assert statement == api.get(f"/bank-statements/{statement['id']}").ok()
    shown = {name: statement[name] for name in ("status", "bank_account_id", "format", "booked", "from", "problems")}
    assert shown == {
        "status": "pending", "bank_account_id": "main", "format": None, "booked": 0, "from": None, "problems": [],
    }  # fmt: skip
    [file] = statement["files"]
    policy = json.loads(base64.b64decode(announced["fields"]["policy"]))
    checksum = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    for exactly in (
        ["content-length-range", len(CONTENT), len(CONTENT)],
        {"bucket": ENVIRONMENT["FILES_BUCKET"]},
        {"key": f"incoming/statements/{tenant.id}/{statement['id']}/{file['id']}"},
        {"x-amz-checksum-sha256": checksum},
    ):
        assert exactly in policy["conditions"]
    [event] = details("bank_statement.upload_requested")
    assert (event["resource"]["id"], event["data"]["details"]) == (statement["id"], {"file_id": file["id"]})


def test_the_response_names_the_statement_as_its_job(api: Client) -> None:
    body = {"size": 1, "sha256": "5f" * 32}
    response = api.post("/bank-statements/uploads", body)
    assert response.headers["Location"] == f"/v1/bank-statements/{response.ok(202)['statements'][0]['id']}"


@pytest.mark.parametrize(
    ("fields", "status", "code", "pointer"),
    [
        ({"size": LIMIT + 1}, 413, "FILE_TOO_LARGE", "/size"),
        ({"size": 0}, 400, "VALIDATION_ERROR", "/size"),
        ({"sha256": "5F" * 32}, 400, "VALIDATION_ERROR", "/sha256"),
        ({"bank_account_id": "none"}, 404, "BANK_ACCOUNT_NOT_FOUND", "/bank_account_id"),
        ({"csv_profile": {"columns": {"amount": 1}}}, 400, "VALIDATION_ERROR", "/csv_profile/columns/booked_on"),
    ],
)
def test_a_bad_announcement_is_refused(
    api: Client, fields: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    refused = api.post("/bank-statements/uploads", {"size": LIMIT, "sha256": "5f" * 32, **fields})
    assert (refused.status, refused.code, refused.json["errors"][0]["pointer"]) == (status, code, pointer)
    assert api.get("/bank-statements").ok()["data"] == []


def test_a_repeated_request_replays_no_form(api: Client) -> None:
    body, key = {"size": LIMIT, "sha256": "5f" * 32}, {"Idempotency-Key": "once"}
    first = api.post("/bank-statements/uploads", body, headers=key).ok(202)
    assert api.post("/bank-statements/uploads", body, headers=key).ok(202) == {**first, "url": None, "fields": None}


def test_another_announcement_of_a_file_gets_another_form(api: Client) -> None:
    first, again = announce(api, CONTENT), announce(api, CONTENT, bank_account_id="main")
    assert again["statements"][0]["id"] == first["statements"][0]["id"]
    assert again["fields"]["key"] != first["fields"]["key"]
    # Whichever form is used: both accept the same bytes.
    assert arrive(first, CONTENT) == []
    assert arrive(again, CONTENT) == []
    assert [one["status"] for one in api.get("/bank-statements").ok()["data"]] == ["queued"]
    assert len(details("bank_statement.uploaded")) == 1


def test_a_file_that_was_imported_needs_no_upload(api: Client) -> None:
    statements = upload(api, several(3))
    known = announce(api, several(3), 200)
    assert (known["url"], known["fields"], known["expires_at"]) == (None, None, None)
    assert [one["id"] for one in known["statements"]] == [one["id"] for one in statements]


def test_an_announcement_continues_a_failed_import(api: Client) -> None:
    [statement] = upload(api, CONTENT)
    assert deliver_import(statement, received=20) == []
    assert api.get(f"/bank-statements/{statement['id']}").ok()["status"] == "failed"
    assert announce(api, CONTENT, 200)["statements"][0]["id"] == statement["id"]
    assert deliver_import(statement) == []
    assert api.get(f"/bank-statements/{statement['id']}").ok()["status"] == "done"


def test_a_request_with_an_announced_file_becomes_its_statement(api: Client) -> None:
    announced = announce(api, CONTENT)
    [statement] = upload(api, CONTENT)
    assert statement["id"] == announced["statements"][0]["id"]
    assert deliver_import(statement) == []
    assert arrive(announced, CONTENT) == []
    assert deliver("expire_statement_upload", *details("bank_statement.upload_requested")) == []
    after = api.get(f"/bank-statements/{statement['id']}").ok()
    assert (after["status"], after["new"]) == ("done", 1)


def test_accounts_of_known_statements_are_masked(api: Client, tenant: Tenant) -> None:
    upload(api, CONTENT)
    without = with_key(tenant, builders.user(), scopes=frozenset({"bank:write"}))
    for client, shown in ((api, IBAN), (without, f"{IBAN[:4]}…{IBAN[-4:]}")):
        assert announce(client, CONTENT, 200)["statements"][0]["account"]["iban"] == shown
