"""Consumers and schedules of old code process events and rows of newer code, and keep unknown fields.

New consumers and nouns are tested automatically.
"""

import json
from datetime import timedelta
from typing import Any

from infra.discovery import discover
from infra.event_schemas import event_schemas
from infra.tables import all_tables
from invoicing.consumers.bus_events import BusEvents
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.hourly import HourlyTicks
from invoicing.consumers.schedule import Schedule
from invoicing.core.model import instant_text
from invoicing.http.authorizer import Authorizer
from invoicing.http.declaration import Endpoint
from tests.aws import AwsCalls, called_by
from tests.builders import customer_json, invoice_json, outside_event, rule_json
from tests.conftest import Clock
from tests.contract.test_events import incoming_samples, life
from tests.events import deliver, deliver_hour_part, deliver_raw, details, function, outbox, stream_event, strike
from tests.gateway import Client
from tests.newer import Newer, marked
from tests.uploads import check_stored_files

NEVER_CHANGED = {"due_reminder", "dunning_run", "dunning_skip", "suppression"}
"""The nouns that are a record of something: they are written once, and removed or kept."""
REPLACED = {"balance"}
"""The nouns whose row is a copy of the last entry of a timeline: a later entry replaces all of it."""
CONSUMERS = {found.name for found in discover() if not isinstance(found.declaration, Endpoint | Authorizer)}


def run(name: str, tenant_id: str, events: list[dict[str, Any]], left: dict[str, Any]) -> None:
    """Run a consumer with all its events, or a schedule. `left` is the work that functions left to others."""
    declared = function(name).declaration
    source = declared.source if isinstance(declared, Consumer) else None
    if isinstance(source, HourlyTicks):
        assert strike(name, tenant_id) == []
    elif isinstance(source, BusEvents):
        wanted = [event for event in events if event["type"] in source.events or not source.events]
        assert deliver(name, *wanted) == []
    elif isinstance(declared, Schedule):
        with called_by(name):
            declared({}, None)
    elif name == "publish_outbox":
        with called_by(name):
            assert declared(stream_event(outbox()), None) == {"batchItemFailures": []}
    elif name == "publish_hour_part":
        assert deliver_hour_part(json.dumps({"detail": marked(left[name], None)})) == []
    elif name in left:
        detail = marked(left[name] | {"tenant_id": tenant_id}, None)
        assert deliver_raw(name, json.dumps({"id": name, "detail": detail})) == []


def test_consumers_read_and_keep_newer_rows(newer: Newer, api: Client, at: Clock, aws: AwsCalls) -> None:
    due_soon = {"due_date": f"{at.now.date() + timedelta(days=33)}"}
    later = api.post("/customers", customer_json(emails=["frist@suess.example"])).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=later, **due_soon)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {}).ok()
    life(api, at)
    api.post("/dunning-rules", rule_json(level=0, days_overdue=-3, due_in_days=3)).ok(201)
    customer = api.post("/customers", customer_json(external_id="K-7")).ok(201)["id"]
    invoice = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.patch(f"/customers/{customer}", {"name": "Neu"}).ok()
    completed = incoming_samples()["orders order.completed"] | {"tenant_id": api.tenant_id}
    assert deliver_raw("invoice_completed_order", outside_event("order.completed", completed)) == []
    events, now = details(*event_schemas()), instant_text(at.now)
    left = {
        "publish_hour_part": {"occurred_at": now, "after": None, "tenants": []},
        "record_read": {"invoice_id": invoice, "read_at": now},
    }
    for name in sorted(CONSUMERS):
        run(name, api.tenant_id, events, left)
    assert check_stored_files(api.tenant_id) == []
    assert {call.by for call in aws.calls} >= CONSUMERS
    nouns = {table.entity() for table in all_tables()}
    assert set(newer.written) >= nouns
    assert nouns - set(newer.rewritten) == NEVER_CHANGED | {"test_clock"}  # test_newer_rows.py sets the clock again.
    assert [one for one in newer.lost if one.partition(":")[0] not in REPLACED] == []
