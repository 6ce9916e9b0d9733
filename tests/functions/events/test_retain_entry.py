"""events of issued documents → locked audit entries"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from infra.discovery import discover
from infra.event_schemas import all_events
from invoicing.consumers.consumer import Consumer
from tests.aws import ENVIRONMENT
from tests.aws_events import boto
from tests.events import deliver, details
from tests.gateway import Client


def _retained(tenant: str, event: dict[str, Any]) -> list[str]:
    found = boto("s3").list_objects_v2(Bucket=ENVIRONMENT["FILES_BUCKET"], Prefix=f"{tenant}/{event['id']}/")
    return [one["Key"] for one in found.get("Contents", ())]


def test_an_audit_entry_is_stored_once_and_locked(
    api: Client, issued: dict[str, Any], locks: Callable[[str], Any]
) -> None:
    [event] = details("invoice.finalized")
    for _ in range(2):
        assert deliver("retain_entry", event) == []
    [key] = _retained(api.tenant_id, event)
    assert locks(key) == {
        "ObjectLockMode": "COMPLIANCE",
        "ObjectLockRetainUntilDate": datetime(2035, 1, 2, tzinfo=UTC),
    }
    stored = json.loads(boto("s3").get_object(Bucket=ENVIRONMENT["FILES_BUCKET"], Key=key)["Body"].read())
    assert stored == {name: event[name] for name in stored}
    assert {"id", "type", "tenant_id", "occurred_at", "actor", "resource", "data"} <= set(stored)
    assert stored["resource"]["id"] == issued["id"]


def test_an_entry_of_new_year_is_locked_with_its_document(
    api: Client, issued: dict[str, Any], locks: Callable[[str], Any]
) -> None:
    """In the zones east of Greenwich the document is of the year after the UTC time of its event."""
    [event] = details("invoice.finalized")
    assert deliver("retain_entry", {**event, "occurred_at": "2026-12-31T23:30:00Z"}) == []
    [key] = _retained(api.tenant_id, event)
    assert locks(key)["ObjectLockRetainUntilDate"] == datetime(2036, 1, 2, tzinfo=UTC)


def test_a_payment_is_retained_with_its_user(api: Client, issued: dict[str, Any], locks: Callable[[str], Any]) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    [event] = details("invoice.payment_recorded")
    assert deliver("retain_entry", event) == []
    [key] = _retained(api.tenant_id, event)
    stored = json.loads(boto("s3").get_object(Bucket=ENVIRONMENT["FILES_BUCKET"], Key=key)["Body"].read())
    assert stored["actor"] == event["actor"]
    assert stored["data"]["details"] == event["data"]["details"]


def test_only_events_of_issued_documents_are_retained() -> None:
    """A lock would prevent the erasure of personal data in other events."""
    [declared] = (one.declaration for one in discover() if one.name == "retain_entry")
    assert isinstance(declared, Consumer)
    names = {event.name for event in all_events()}
    retained = set(declared.source.events)
    assert retained <= names
    assert {name.partition(".")[0] for name in retained} == {"invoice", "dunning"}
    assert not retained & {"invoice.created", "invoice.updated", "invoice.commented", "invoice.note_added"}
