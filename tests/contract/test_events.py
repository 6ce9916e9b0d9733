"""The events: each has a schema, happens in the life of an invoice, and fits its schema.

`events.json` holds the schemas and samples. `pytest -m renew tests/contract/test_events.py` renews compatible changes.
"""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from infra.event_schemas import bundle, event_schemas, incoming_schemas
from infra.event_versions import breaking_changes
from invoicing.aws.clients import client
from invoicing.consumers.bus_events import BusEvents
from invoicing.consumers.consumer import Consumer
from invoicing.core.model import instant_text
from invoicing.reports.balance import IN_ENTRY
from invoicing.store import entries as timeline
from invoicing.tenants.model import Tenant
from tests import bank, billing, collection, transactions, vies
from tests.aws import seed
from tests.builders import (
    customer_json,
    invoice_json,
    item_json,
    line_json,
    order_json,
    outside_event,
    price_json,
    product_json,
    rule_json,
    subscription_json,
)
from tests.conftest import Clock
from tests.contract.samples import fixed
from tests.events import deliver, deliver_raw, details, function, outbox, strike
from tests.forms import PDF, send_form
from tests.gateway import Client
from tests.mails import as_asked, deliver_ses_event, over_quota, send_statements
from tests.subscriptions import announce_a_subscription, confirm_a_cancellation
from tests.uploads import announced, arrive, tagged
from tests.webhooks import break_and_mend
from tests.world import issue

GOLDEN = Path(__file__).with_name("events.json")


def validator_of(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    """A validator that does not check the large schema itself each time; `test_schemas_are_valid` does."""
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def tell_of_a_canceled_order(api: Client, customer: str) -> None:
    """An event of another service, which the tenant accepts."""
    api.post("/orders", order_json(customer_id=customer, external_id="SO-1")).ok(201)
    tenant_id = api.patch("/tenant", {"event_sources": ["orders"]}).ok()["id"]
    told = {"tenant_id": tenant_id, "order": {"external_id": "SO-1"}}
    assert deliver_raw("cancel_order", outside_event("order.canceled", told)) == []


def upload_files(api: Client, note: str) -> None:
    """One upload arrives and is harmful, and one never arrives."""
    harmful, missing = (api.post(f"{note}/uploads", announced()).ok(201) for _ in range(2))
    assert arrive(harmful) + deliver_raw("quarantine_file", tagged(api.tenant_id, harmful["file"])) == []
    [told] = [one for one in details("invoice.upload_requested") if one["data"]["details"]["file_id"] == missing["id"]]
    assert deliver("expire_upload", told) == []


def defer_a_mail(path: str, api: Client) -> None:
    """SES refuses a mail because of its quota, then accepts it."""
    to = ["buchhaltung@suess.example"]
    api.post(f"{path}/send", {"to": to}).ok(202)
    [requested] = [one for one in details("email.requested") if one["data"]["details"]["to"] == to]
    with pytest.MonkeyPatch.context() as full:
        full.setattr(client("sesv2"), "send_email", over_quota)
        assert deliver("send_email", requested) == []


def bill_a_subscription(api: Client, at: Clock, customer: str) -> None:
    """A subscription begins, is billed until it needs attention, and ends."""
    body = subscription_json(customer_id=customer, start_date="2026-03-20", occurrences={"max": 2})
    path = f"/subscriptions/{api.post('/subscriptions', body).ok(201)['id']}"
    api.patch(path, {"name": "Wartung"}).ok()
    api.post(f"{path}/periods/1m-advance.2026-03-20", {"action": "skip"}).ok()
    began = at.now
    for moment in (datetime(2026, 4, 20, 12, tzinfo=UTC), datetime(2028, 1, 1, 12, tzinfo=UTC)):
        at.now = moment
        billing.bill_hour(api)
    added = {"items": [{"op": "add", "item": item_json("Hotline", "19.00")}]}
    api.post(f"{path}/changes", {**added, "at": "period_end"}).ok()
    api.post(f"{path}/changes", added).ok()
    api.post(f"{path}/pause", {"from": "2027-12-01"}).ok()
    api.post(f"{path}/resume", {}).ok()
    api.put(f"{path}/cancellation", {"at": "earliest"}).ok()
    api.delete(f"{path}/cancellation").ok()
    [billed] = details("subscription.period_billed")
    api.delete(f"/invoices/{billed['data']['details']['invoice_id']}").ok(204)
    api.post(f"{path}/periods/1m-advance.2026-05-20", {"action": "bill"}).ok()
    at.now = began


def sell(api: Client) -> None:
    """Cause every event of a product and its price once."""
    api.delete(f"/products/{api.post('/products', product_json()).ok(201)['id']}").ok(204)
    product = f"/products/{api.post('/products', product_json()).ok(201)['id']}"
    price = f"/prices/{api.post(f'{product}/prices', price_json()).ok(201)['id']}"
    api.post(f"{price}/versions", {"valid_from": "2026-04-01", "amounts": {"EUR": {"unit_amount": "13.00"}}}).ok()
    api.patch(price, {"default": True}).ok()
    api.patch(product, {"archived_at": "2026-03-10T12:00:00Z"}).ok()


def life(api: Client, at: Clock) -> list[dict[str, Any]]:
    """Cause every event of an invoice and its customer once."""
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    api.patch(f"/customers/{customer}", {"phone": "+49 341 1"}).ok()
    api.delete(f"/customers/{api.post('/customers', customer_json()).ok(201)['id']}").ok(204)
    api.post(f"/customers/{api.post('/customers', customer_json()).ok(201)['id']}/erase", raw=b"").ok()
    api.delete(f"/invoices/{api.post('/invoices', {}).ok(201)['id']}").ok(204)
    order = f"/orders/{api.post('/orders', order_json(customer_id=customer)).ok(201)['id']}"
    api.patch(order, {"purchase_order_id": "PO-7"}).ok()
    api.delete(f"/invoices/{api.post(f'{order}/invoices').ok(201)['id']}").ok(204)
    api.delete(order).ok(204)
    tell_of_a_canceled_order(api, customer)
    person = {"email": "bo@nordlicht.example", "first_name": "Bo", "last_name": "Buch", "role": "bookkeeper"}
    user = api.post("/users", person).ok(201)["id"]
    key = api.post("/api-keys", {"name": "shop", "user_id": user}).ok(201)["id"]
    api.patch(f"/api-keys/{key}", {"name": "Shop"}).ok()
    api.delete(f"/api-keys/{key}").ok(204)
    api.patch(f"/users/{user}", {"deactivated": True}).ok()
    api.delete(f"/users/{user}").ok(204)
    rule = f"/dunning-rules/{api.post('/dunning-rules', rule_json()).ok(201)['id']}"
    api.patch(rule, {"days_overdue": 3}).ok()
    api.delete(rule).ok(204)
    form = f"/document-forms/{api.post('/document-forms', {'name': 'Bremen'}).ok(201)['id']}"
    api.patch(form, {"accent_color": "#0a5aa0"}).ok()
    api.delete(form).ok(204)
    vies.check_vat_ids(api)
    sell(api)
    break_and_mend(api, at)
    for one in (bank, collection, transactions):
        one.cause_events(api)
    path = f"/invoices/{api.post('/invoices', invoice_json(customer_id=customer)).ok(201)['id']}"
    api.patch(path, {"title": "Rechnung"}).ok()
    api.put(f"{path}/dunning", {"paused_until": "2026-04-01"}).ok()
    comment = api.post(f"{path}/comments", {"comment": "Danke", "public": True}).ok(201)
    api.patch(f"{path}/comments/{comment['id']}", {"pinned": True}).ok()
    api.delete(f"{path}/comments/{comment['id']}").ok(204)
    notes = f"{path}/notes"
    kept = f"{notes}/{send_form(api, notes, {'note': 'Beleg'}, [('a.pdf', PDF, 'application/pdf')]).ok(201)['id']}"
    api.post(kept, {"text": "Beleg vom Markt"}).ok()
    upload_files(api, kept)
    api.delete(kept).ok(204)
    api.post(f"{path}/finalize", {"send": True}).ok()
    deliver("render_document", *details("invoice.finalized"))
    api.post(f"{path}/render").ok(202)
    deliver("send_email", *details("email.requested"))
    defer_a_mail(path, api)
    [first] = [one for one in details("email.requested") if one["data"]["details"]["to"] == ["einkauf@suess.example"]]
    deliver_ses_event("Bounce", as_asked(first), "0", bounced=["einkauf@suess.example"])
    deliver_ses_event("Reject", as_asked(first), "0")
    api.post(f"{path}/send", {"channel": "letter"}).ok(202)
    for kind in ("download-links", "page-links"):
        link = api.post(f"{path}/{kind}").ok(201)
        Client(None).get(link["url"].partition("/v1")[2], headers={"User-Agent": "Firefox"})
        api.delete(f"{path}/{kind}/{link['id']}").ok(204)
    payment = api.post(f"{path}/payments", {"amount": "119.00", "external_id": "bank-1"}).ok(201)
    api.post(f"{path}/payments/{payment['id']}/send", {"to": ["kasse@suess.example"]}).ok(202)
    api.delete(f"{path}/payments/{payment['id']}").ok()
    note = api.post(f"{path}/credit", {"amount": "19.00", "comment": "Nachlass"}).ok(201)
    api.post(f"/invoices/{note['id']}/cancel").ok()
    api.post(f"{path}/close", {"reason": "write_off"}).ok()
    api.post(f"{path}/cancel").ok()
    api.post(f"{path}/reactivate").ok()
    deducted_and_released(api)
    bill(api)
    send_statements(api)
    bill_a_subscription(api, at, customer)
    confirm_a_cancellation(api)
    announce_a_subscription(api, at, customer)
    late = issue(api)
    api.post(f"/invoices/{late['id']}/payments", {"amount": "19.00"}).ok(201)
    api.patch(f"/customers/{late['customer_id']}", {"emails": ["mahnung@suess.example"]}).ok()
    at.now += timedelta(days=31)
    assert strike("mark_overdue", api.tenant_id) == []
    api.post("/dunning-rules", rule_json()).ok(201)
    api.post("/dunning-runs").ok()
    assert strike("run_dunning", api.tenant_id) == []
    deliver("render_dunning_document", *details("dunning.document_created"))
    [requested] = [
        one for one in details("email.requested") if one["data"]["details"]["to"] == ["mahnung@suess.example"]
    ]
    deliver_ses_event("Reject", as_asked(requested), "0")
    at.now += timedelta(days=1)
    assert strike("run_dunning", api.tenant_id) == []
    _, reminder = details("dunning.document_created")
    api.post(f"/dunning-documents/{reminder['data']['details']['document_id']}/cancel").ok()
    api.put("/test-clock", {"now": instant_text(at.now + timedelta(days=31))}).ok()
    return details(*event_schemas())


def bill(api: Client) -> None:
    """A billing run that is parked, resumed and completed, and one that is canceled."""
    ids = billing.drafts(api, 3)
    run = billing.start(api, ids[:2], brake={"invoices": 1})
    assert deliver("advance_run", billing.begun(run)) == []
    api.post(f"/billing-runs/{run['id']}/resume", {"brake": {"invoices": 2}}).ok(202)
    assert deliver("advance_run", billing.begun(run)) == []
    api.post(f"/billing-runs/{billing.start(api, ids[2:])['id']}/cancel").ok()


def deducted_and_released(api: Client) -> None:
    """A deposit invoice, and a final invoice that deducts it and is canceled."""
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    deposit = api.post("/invoices", invoice_json(customer_id=customer, purpose="deposit")).ok(201)["id"]
    api.post(f"/invoices/{deposit}/finalize").ok()
    final = api.post("/invoices", invoice_json(customer_id=customer, deposits=[{"invoice_id": deposit}])).ok(201)["id"]
    api.post(f"/invoices/{final}/finalize").ok()
    api.post(f"/invoices/{final}/cancel").ok()


def test_every_event_happens_and_fits_its_schema(api: Client, at: Clock) -> None:
    seen = life(api, at)
    schemas = event_schemas()
    assert {event["type"] for event in seen} == set(schemas)
    for event in seen:
        validator_of(schemas[event["type"]]).validate(event)
        assert len(json.dumps(event).encode()) <= 16_000
        assert "internal_note" not in event["data"]["object"]


def test_each_change_of_a_balance_is_recorded(api: Client, at: Clock) -> None:
    life(api, at)
    changing = {row["detail_type"]["S"] for row in outbox() if IN_ENTRY in row}
    declared = function("record_balance").declaration
    assert isinstance(declared, Consumer)
    assert isinstance(declared.source, BusEvents)
    assert {"invoice.finalized", "invoice.paid"} <= changing <= set(declared.source.events)


def test_schemas_are_valid() -> None:
    whole = bundle()
    jsonschema.Draft202012Validator.check_schema(whole)
    for name, schema in event_schemas().items():
        own = {key: value for key, value in schema.items() if key not in ("$defs", "$schema")}
        jsonschema.Draft202012Validator.check_schema(own)
        assert schema["$defs"].items() <= whole["$defs"].items(), name


def test_events_json_has_each_schema_and_a_valid_sample() -> None:
    golden = json.loads(GOLDEN.read_text())
    assert golden["schemas"] == bundle()
    assert set(golden["samples"]) == set(event_schemas())
    schemas, whole = event_schemas(), validator_of(golden["schemas"])
    for name, sample in golden["samples"].items():
        validator_of(schemas[name]).validate(sample)
        whole.validate(sample)


@pytest.mark.parametrize(
    ("part", "field", "value"), [("details", "amount", 119), ("object", "object", "order"), ("object", "total", 1)]
)
def test_a_broken_event_is_noticed(part: str, field: str, value: object) -> None:
    sample = json.loads(GOLDEN.read_text())["samples"]["invoice.payment_recorded"]
    sample["data"][part][field] = value
    with pytest.raises(jsonschema.ValidationError):
        validator_of(bundle()).validate(sample)


def test_consumers_must_accept_new_fields_at_every_depth() -> None:
    """Where a schema forbade unknown fields, the first additional field would break its consumers."""
    schemas = event_schemas()
    for name, sample in json.loads(GOLDEN.read_text())["samples"].items():
        data = sample["data"]
        for part in (sample, sample["resource"], data, data["object"], data["details"]):
            part["added"] = {"later": None}
        validator_of(schemas[name]).validate(sample)
    assert '"additionalProperties": false' not in json.dumps(bundle())


def test_the_objects_of_events_have_their_schema_by_reference() -> None:
    data = bundle()["$defs"]["invoice.finalized"]["properties"]["data"]["properties"]
    assert {"$ref": "#/$defs/InvoiceSummary"} in data["object"]["anyOf"]
    assert data["details"]["$ref"] == "#/$defs/InvoiceFinalized"
    assert bundle()["$defs"]["InvoiceSummary"]["properties"]["due"]["type"] == "string"


def test_no_event_has_changed_incompatibly() -> None:
    assert breaking_changes(json.loads(GOLDEN.read_text())["schemas"], bundle()) == []


def test_the_largest_invoice_and_customer_fit_into_an_event(api: Client) -> None:
    long, metadata = "ä" * 5_000, {f"{number}": "ä" * 500 for number in range(50)}
    emails = [f"{'a' * 60}{number}@{'b' * 60}.example" for number in range(10)]
    customer = api.post("/customers", customer_json(note=long, metadata=metadata, emails=emails)).ok(201)
    api.post("/invoices", invoice_json(customer_id=customer["id"], note=long, metadata=metadata)).ok(201)
    assert max(len(json.dumps(event).encode()) for event in details("customer.created", "invoice.created")) <= 16_000


def test_the_configuration_of_a_tenant_stays_out_of_events(api: Client) -> None:
    """EventBridge accepts 256 KB.

    20 full texts of mails were 284 KB and blocked the events behind them in the outbox.
    """
    text = {"subject": "ä" * 200, "text": "ä" * 5_000}
    texts = {f"de-{first}{second}": text for first in "ABCDE" for second in "ABCD"}
    account = {"iban": "DE02120300000000202051", "name": "ä" * 200}
    change = {
        "email_texts": texts,
        "bank_accounts": [{**account, "id": str(number)} for number in range(10)],
        "name": "ä" * 200,
    }
    api.patch("/tenant", change).ok()
    [event] = details("tenant.updated")
    assert len(json.dumps(event, ensure_ascii=False).encode()) <= 16_000
    assert event["data"]["changed"] == ["bank_accounts", "email_texts", "name"]
    assert not {"email_texts", "bank_accounts", "number_series"} & set(event["data"]["object"])
    api.post("/dunning-rules", rule_json(texts=dict.fromkeys(("de", "en", "fr"), text))).ok(201)
    [rule] = details("dunning_rule.created")
    assert "texts" not in rule["data"]["object"]


def test_the_largest_events_are_published_whole_or_by_id(api: Client, rendered: dict[str, Any]) -> None:
    widest = "\U0001f9fe" * 200  # Four bytes each.
    address = {**dict.fromkeys(("line1", "line2", "postal_code", "city", "region"), widest), "country": "DE"}
    customer = customer_json(
        name=widest, first_name=widest, last_name=widest, phone=widest, address=address, shipping_address=address,
        legal_id=widest, buyer_reference=widest, external_id=widest, emails=[long_address(one) for one in range(10)],
    )  # fmt: skip
    id_ = api.post("/customers", customer).ok(201)["id"]
    copies = {"to": [long_address(one) for one in range(50)]}
    api.post(f"/invoices/{rendered['id']}/send", copies).ok(202)
    created = next(one for one in details("customer.created") if one["resource"]["id"] == id_)
    [requested] = details("email.requested")
    for event in (created, requested):
        assert len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()) <= 16_000
        assert event["data"]["object"]["id"] == event["resource"]["id"]
    assert len(requested["data"]["details"]["to"]) == 50


def test_an_event_that_cannot_be_published_is_never_written(api: Client) -> None:
    detail = {"type": "x", "data": {"object": {"id": "a", "name": "x" * 20_000}, "details": {}}}
    assert json.loads(timeline._fitting(detail))["data"]["object"] == {"id": "a"}
    with pytest.raises(timeline.EventTooLarge):
        timeline._fitting({"type": "x", "data": {"object": {}, "details": {"x": "x" * 20_000}}})


def long_address(number: int) -> str:
    """One of the longest accepted e-mail addresses."""
    return f"{'a' * 60}{number:02d}@{'b' * 60}.{'c' * 60}.{'d' * 50}.example"


INCOMING = GOLDEN.with_name("incoming_events.json")
CONSUMERS = {"orders order.completed": "invoice_completed_order", "orders order.canceled": "cancel_order"}


def incoming_samples() -> dict[str, dict[str, Any]]:
    """The shortest events of an order system."""
    order = {"external_id": "SO-4711", "customer_external_id": "K-7", "currency": "EUR", "lines": [line_json()]}
    tenant = f"ten_{'0' * 26}"
    return {
        "orders order.completed": {"tenant_id": tenant, "order": order},
        "orders order.canceled": {"tenant_id": tenant, "order": {"external_id": "SO-4711", "reason": "Widerruf"}},
    }


def test_incoming_events_json_has_each_schema_and_a_sample() -> None:
    golden = json.loads(INCOMING.read_text())
    assert {name: entry["schema"] for name, entry in golden.items()} == incoming_schemas()
    for entry in golden.values():
        jsonschema.validate(entry["sample"], entry["schema"])


def test_samples_of_incoming_events_are_processed(api: Client, tenant: Tenant) -> None:
    seed(tenant.id, tenant.model_copy(update={"event_sources": ("orders",)}))
    api.post("/customers", customer_json(external_id="K-7")).ok(201)
    statuses = []
    for name, entry in json.loads(INCOMING.read_text()).items():
        detail = entry["sample"] | {"tenant_id": tenant.id}
        assert deliver_raw(CONSUMERS[name], outside_event(name.split()[1], detail)) == []
        statuses.append(api.get("/orders?external_id=SO-4711").ok()["data"][0]["status"])
    assert statuses == ["invoiced", "canceled"]


@pytest.mark.renew
def test_renew_the_file_for_consumers(api: Client, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes `events.json`; run by hand only: `uv run pytest -m renew tests/contract`."""
    # The samples of two renewals are the same: ids of one moment are in the order of their creation.
    created = count(1)
    monkeypatch.setattr("invoicing.core.ids.secrets.randbits", lambda _: next(created) << 32)
    samples = {event["type"]: event for event in life(api, at)}
    assert breaking_changes(json.loads(GOLDEN.read_text())["schemas"], bundle()) == []
    sampled = fixed({name: samples[name] for name in event_schemas()})
    GOLDEN.write_text(json.dumps({"schemas": bundle(), "samples": sampled}, indent=1) + "\n")
    samples = incoming_samples()
    told = {name: {"schema": incoming_schemas()[name], "sample": samples[name]} for name in samples}
    INCOMING.write_text(json.dumps(told, indent=1) + "\n")
