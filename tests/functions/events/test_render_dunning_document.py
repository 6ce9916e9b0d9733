"""dunning.document_created → the letter and its e-mail"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from invoicing.aws.files import key_of, read
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, rule_json
from tests.conftest import Clock
from tests.dunning import reach, written
from tests.events import deliver, deliver_raw, details, dlq_messages
from tests.gateway import Client
from tests.logos import base64_of, pictures, png


def test_a_letter_is_rendered_once_and_its_email_requested(
    api: Client, rendered: dict[str, Any], at: Clock, aws: AwsCalls
) -> None:
    texts = {"de": {"subject": "Erinnerung", "text": "Hallo {name}, {open} für {invoice_number}."}}
    api.post("/dunning-rules", rule_json(texts=texts)).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, rendered["id"], at.now)
    stored = aws.names["s3:PutObject"]
    [requested] = written()
    said = requested["data"]["details"]
    assert (said["document_id"], said["to"]) == (document["id"], ["einkauf@suess.example"])
    assert deliver("render_dunning_document", *details("dunning.document_created")) == []
    assert aws.names["s3:PutObject"] == stored + 1
    shown = api.get(f"/dunning-documents/{document['id']}").ok()
    assert (shown["status"], shown["pdf"]["status"]) == ("open", "available")
    assert read(api.tenant_id, shown["pdf"]["id"], shown["pdf"]["sha256"]).startswith(b"%PDF")
    [event] = [one for one in details("document.rendered") if one["data"]["details"].get("document_id")]
    assert event["resource"]["id"] == rendered["id"]
    keys = [one["action_key"] for one in api.get(f"/invoices/{rendered['id']}/comments").ok()["data"]]
    assert {"REMINDER_CREATE", "REMINDER_STATUS", "REMINDER_MAIL"} <= set(keys)


def test_it_has_the_logo_of_the_invoice(api: Client, at: Clock) -> None:
    api.put("/tenant/logo", {"image": base64_of(png(300, 90))}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, draft, at.now)
    assert deliver("render_dunning_document", *details("dunning.document_created")) == []
    file = api.get(f"/dunning-documents/{document['id']}").ok()["pdf"]
    assert pictures(read(api.tenant_id, file["id"], file["sha256"])) == [(300, 90)]


def test_the_letter_of_a_paid_invoice_is_stored_and_not_sent(api: Client, rendered: dict[str, Any], at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    reach(api.tenant_id, rendered["id"], at.now)
    api.post(f"/invoices/{rendered['id']}/payments", {"amount": "119.00"}).ok(201)
    assert written() == []


def test_a_letter_that_cannot_be_rendered_goes_to_the_dlq(
    api: Client, rendered: dict[str, Any], at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, rendered["id"], at.now)
    body = json.dumps({"detail": details("dunning.document_created")[0]})
    with monkeypatch.context() as broken:
        broken.setattr("invoicing.documents.pdf._compile", None)
        assert deliver_raw("render_dunning_document", body, received=5) == []
    [(reason, kept)] = dlq_messages()
    assert (reason["code"], kept) == ("INTERNAL_ERROR", body)
    assert deliver_raw("render_dunning_document", kept) == []
    assert api.get(f"/dunning-documents/{document['id']}").ok()["pdf"]["status"] == "available"


def test_a_letter_is_locked_until_its_retention_ends(
    api: Client, issued: dict[str, Any], at: Clock, locks: Callable[[str], Any]
) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    document = reach(api.tenant_id, issued["id"], at.now)
    assert deliver("render_dunning_document", *details("dunning.document_created")) == []
    file = api.get(f"/dunning-documents/{document['id']}").ok()["pdf"]
    until = datetime(2035, 1, 2, tzinfo=UTC)
    lock = locks(key_of(api.tenant_id, file["id"], file["sha256"]))
    assert lock == {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
