"""The preparation of work for each consumer and schedule, and the message that its queue repeats."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from unittest.mock import Mock

import pytest

from invoicing.aws.files import key_of, store_once
from invoicing.core.identity import Role
from invoicing.core.ids import new_id
from invoicing.customers import vies
from invoicing.store.rows.items import keyed
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import entry_key
from tests import bank, billing, transactions
from tests.aws import TABLE, AwsCalls, called_by
from tests.aws_events import Listener, boto, client_error, listening
from tests.builders import (
    customer_json,
    invoice_json,
    line_json,
    order_json,
    outside_event,
    rule_json,
    subscription_json,
)
from tests.collection import debited, method_json, unused_method
from tests.conftest import Clock
from tests.events import deliver, deliver_hour_part, deliver_raw, details, function, outbox, stream_event, strike
from tests.forms import PDF, send_form
from tests.gateway import Client
from tests.mails import as_asked, notice
from tests.reads import deferred, no_writes
from tests.uploads import note_with_upload, put, stored, tagged
from tests.webhooks import let_wait, to_deliver, to_fan_out, unreachable
from tests.world import issue, render, signed_in

SOON = timedelta(seconds=1)
VISIBILITY = timedelta(minutes=6)
"""The time after which a queue delivers the messages of a dead worker again."""


class Scene(NamedTuple):
    """A tenant without any resources, and the clock."""

    company: Tenant
    api: Client
    at: Clock
    aws: AwsCalls


class _Busy(Listener):
    """SES accepts no mail now."""

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        if name == "ses:SendEmail":
            raise client_error("SendEmail", 429, "TooManyRequestsException")


class Message(NamedTuple):
    """A delivery that is repeated until no message goes back. `deliver` returns the messages that do."""

    deliver: Callable[[], list[str]]
    wait: timedelta = SOON
    afterwards: Callable[[], object] = list
    """The later work of the service that repairs a fault left by the consumer."""


def _event(consumer: str, type_: str, wait: timedelta = SOON) -> Message:
    """The delivery of the last event of a type."""
    event = details(type_)[-1]
    return Message(lambda: deliver(consumer, event), wait)


def _raw(consumer: str, body: str) -> Message:
    return Message(lambda: deliver_raw(consumer, body))


def _scheduled(name: str, wait: timedelta = SOON) -> Message:
    """A run at a fixed time."""

    def run() -> list[str]:
        with called_by(name):
            function(name).declaration({}, None)
        return []

    return Message(run, wait)


def _note_with_files(scene: Scene) -> dict[str, Any]:
    files = [(name, PDF, "application/pdf") for name in ("a.pdf", "b.pdf")]
    note: dict[str, Any] = send_form(scene.api, f"/invoices/{issue(scene.api)['id']}/notes", {}, files).ok(201)
    return note


def _order(scene: Scene) -> dict[str, Any]:
    customer = scene.api.post("/customers", customer_json(external_id="K-7")).ok(201)["id"]
    order: dict[str, Any] = scene.api.post("/orders", order_json(customer_id=customer, external_id="SO-1")).ok(201)
    return order


def _advance_run(scene: Scene) -> Message:
    """Three drafts in two steps; a rule refuses the second one."""
    first, last = billing.drafts(scene.api, 2)
    run = billing.start(scene.api, [first, billing.refused_draft(scene.api), last], send=True)
    event = billing.begun(run)
    return Message(lambda: billing.advance(scene.aws, event))


def _cancel_order(scene: Scene) -> Message:
    draft = scene.api.post(f"/orders/{_order(scene)['id']}/invoices").ok(201)["id"]
    scene.api.post(f"/invoices/{draft}/finalize").ok()
    order = {"external_id": "SO-1", "reason": "Kunde hat widerrufen"}
    return _raw("cancel_order", outside_event("order.canceled", {"tenant_id": scene.api.tenant_id, "order": order}))


def _invoice_completed_order(scene: Scene) -> Message:
    scene.api.post("/customers", customer_json(external_id="K-7")).ok(201)
    order = {"external_id": "SO-1", "customer_external_id": "K-7", "currency": "EUR", "lines": [line_json()]}
    event = outside_event("order.completed", {"tenant_id": scene.api.tenant_id, "order": order})
    return _raw("invoice_completed_order", event)


def _delete_files(scene: Scene) -> Message:
    note = _note_with_files(scene)
    scene.api.delete(f"/invoices/{note['invoice_id']}/notes/{note['id']}").ok(204)
    return _event("delete_files", "invoice.note_deleted")


def _delete_notes(scene: Scene) -> Message:
    draft = scene.api.post("/invoices", invoice_json()).ok(201)["id"]
    for _ in range(2):
        scene.api.post(f"/invoices/{draft}/notes", {"note": "x"}).ok(201)
    scene.api.delete(f"/invoices/{draft}").ok(204)
    return _event("delete_notes", "invoice.deleted")


def _delete_unreferenced_file(scene: Scene) -> Message:
    issued, tenant = issue(scene.api), scene.api.tenant_id
    render(tenant, issued, scene.at.now)
    file = issued["files"]["pdf"]["id"]
    sha256 = store_once(tenant, file, b"%PDF-1.7 rendered twice", "application/pdf", owner={"invoice_id": issued["id"]})
    return _raw("delete_unreferenced_file", stored(key_of(tenant, file, sha256)))


def _erase_copies(scene: Scene) -> Message:
    customer = scene.api.post("/customers", customer_json(), headers={"Idempotency-Key": "made"}).ok(201)["id"]
    scene.api.post("/invoices", invoice_json(customer_id=customer)).ok(201)
    scene.api.post("/users", {"email": "rosa@suess.example", "role": "customer", "customer_id": customer,
                              "first_name": "Rosa", "last_name": "S"}).ok(201)  # fmt: skip
    scene.api.post(f"/customers/{customer}/payment-methods", method_json()).ok(201)
    draft = scene.api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued = scene.api.post(f"/invoices/{draft}/finalize").ok()
    scene.api.post(f"/invoices/{draft}/payments", {"amount": issued["total"]}).ok(201)
    scene.api.post(f"/customers/{customer}/erase").ok()
    return _event("erase_copies", "customer.erased")


def _expire_upload(scene: Scene) -> Message:
    note_with_upload(scene.api, issue(scene.api)["id"])
    return _event("expire_upload", "invoice.upload_requested")


def _overdue(scene: Scene) -> None:
    scene.api.post("/dunning-rules", rule_json()).ok(201)
    scene.api.post("/dunning-rules", rule_json(level=0, days_overdue=-3, due_in_days=3)).ok(201)
    for _ in range(2):
        issue(scene.api)
    scene.at.now += timedelta(days=28)
    # Due in two days, when the others are overdue.
    customer = scene.api.post("/customers", customer_json()).ok(201)["id"]
    body = invoice_json(customer_id=customer, due_date=(scene.at.now + timedelta(days=4)).date().isoformat())
    scene.api.post(f"/invoices/{scene.api.post('/invoices', body).ok(201)['id']}/finalize").ok()
    scene.at.now += timedelta(days=2)


def _of_overdue(scene: Scene, name: str) -> Message:
    _overdue(scene)
    return Message(lambda: strike(name, scene.api.tenant_id))


def _publish_hour_part(scene: Scene) -> Message:
    tenants = [new_id("ten", scene.at.now) for _ in range(12)]
    for tenant in tenants:
        boto("dynamodb").put_item(TableName=TABLE, Item=keyed(entry_key(tenant), "tenant_entry"))
    part: dict[str, Any] = {"occurred_at": "2026-03-10T12:00:00.000Z", "after": None, "tenants": []}
    return Message(lambda: deliver_hour_part(json.dumps({"detail": part})))


def _publish_outbox(scene: Scene) -> Message:
    for _ in range(3):
        scene.api.post("/invoices", invoice_json()).ok(201)
    batch = stream_event(outbox())

    def publish() -> list[str]:
        with called_by("publish_outbox"):
            answer: Any = function("publish_outbox").declaration(batch, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return Message(publish)


def _sweep_outbox(scene: Scene) -> Message:
    for _ in range(3):
        scene.api.post("/invoices", invoice_json()).ok(201)
    scene.at.now += timedelta(minutes=3)
    return _scheduled("sweep_outbox")


def _retain_entry(scene: Scene) -> Message:
    issue(scene.api)
    return _event("retain_entry", "invoice.finalized")


def _quarantine_file(scene: Scene) -> Message:
    note = _note_with_files(scene)
    return _raw("quarantine_file", tagged(scene.api.tenant_id, note["files"][0]))


def _receive_upload(scene: Scene) -> Message:
    _, upload = note_with_upload(scene.api, issue(scene.api)["id"])
    return _raw("receive_upload", put(upload, PDF))


def _mail_requested(scene: Scene) -> dict[str, Any]:
    """The event that requests an invoice's mail."""
    issued = issue(scene.api)
    render(scene.api.tenant_id, issued, scene.at.now)
    scene.api.post(f"/invoices/{issued['id']}/send").ok(202)
    return details("email.requested")[-1]


def _send_email(scene: Scene) -> Message:
    requested, later = _mail_requested(scene), _scheduled("resend_deferred_emails").deliver

    def resend() -> None:
        scene.at.now += timedelta(hours=1)
        later()

    return Message(lambda: deliver("send_email", requested), VISIBILITY, resend)


def _record_email_status(scene: Scene) -> Message:
    requested = _mail_requested(scene)
    assert deliver("send_email", requested) == []
    to = requested["data"]["details"]["to"]
    sent = details("email.sent")[-1]["data"]["details"]["message_id"]
    return _raw("record_email_status", notice("Bounce", as_asked(requested), sent, bounced=to))


def _resend_deferred_emails(scene: Scene) -> Message:
    requested = _mail_requested(scene)
    with listening(_Busy()):
        assert deliver("send_email", requested) == []
    scene.at.now += timedelta(hours=1)
    return _scheduled("resend_deferred_emails", timedelta(minutes=20))


def _record_read(scene: Scene) -> Message:
    issued = issue(scene.api)
    portal = signed_in(scene.company, Role.CUSTOMER, customer_id=issued["customer_id"])
    scene.at.now += timedelta(minutes=1)
    with no_writes("throttled"):
        portal.get(f"/invoices/{issued['id']}").ok()
    return _raw("record_read", deferred(scene.aws)[-1])


def _record_balance(scene: Scene) -> Message:
    issued = issue(scene.api)
    scene.api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    return _event("record_balance", "invoice.payment_recorded")


def _refresh_customer_copies(scene: Scene) -> Message:
    customer = scene.api.post("/customers", customer_json()).ok(201)["id"]
    for _ in range(2):
        scene.api.post("/invoices", invoice_json(customer_id=customer)).ok(201)
    scene.api.patch(f"/customers/{customer}", {"name": "Konditorei Süß"}).ok()
    return _event("refresh_customer_copies", "customer.updated")


def _render_document(scene: Scene) -> Message:
    customer = scene.api.post("/customers", customer_json()).ok(201)["id"]
    draft = scene.api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    scene.api.post(f"/invoices/{draft}/finalize", {"send": True}).ok()
    return _event("render_document", "invoice.finalized")


def _render_run_document(scene: Scene) -> Message:
    run = billing.start(scene.api, billing.drafts(scene.api, 1), send=True)
    billing.finished(scene.api, scene.aws, run)
    return _event("render_run_document", "invoice.finalized")


def _render_dunning_document(scene: Scene) -> Message:
    scene.api.post("/dunning-rules", rule_json()).ok(201)
    issue(scene.api)
    scene.at.now += timedelta(days=30)
    assert strike("run_dunning", scene.api.tenant_id) == []
    return _event("render_dunning_document", "dunning.document_created")


def _bill_units(scene: Scene) -> Message:
    customer = scene.api.post("/customers", customer_json()).ok(201)["id"]
    body = subscription_json(customer_id=customer, start_date="2026-02-01", catch_up="bill", action="send")
    scene.api.post("/subscriptions", body).ok(201)
    run = scene.api.post("/billing-runs", {"source": "subscriptions"}).ok(202)
    return _raw("bill_units", billing.step(run, scene.api.tenant_id))


def _collect_due(scene: Scene) -> Message:
    customer = scene.api.post("/customers", customer_json()).ok(201)["id"]
    scene.api.post("/subscriptions", subscription_json(customer_id=customer)).ok(201)
    return Message(lambda: strike("collect_due", scene.api.tenant_id))


def _announce_upcoming_invoices(scene: Scene) -> Message:
    customer = scene.api.post("/customers", customer_json()).ok(201)["id"]
    scene.api.post("/subscriptions", subscription_json(customer_id=customer, start_date="2026-03-12")).ok(201)
    return Message(lambda: strike("announce_upcoming_invoices", scene.api.tenant_id))


def _hourly(name: str, prepare: Callable[[Client], object]) -> Callable[[Scene], Message]:
    def message(scene: Scene) -> Message:
        prepare(scene.api)
        return Message(lambda: strike(name, scene.api.tenant_id))

    return message


def _check_vat_id(scene: Scene) -> Message:
    scene.api.post("/customers", customer_json(tax_id="DE123456788")).ok(201)
    return _event("check_vat_id", "customer.created")


def _retry_vat_checks(scene: Scene) -> Message:
    for tax_id in ("DE123456788", "ATU12345675"):
        scene.api.post("/customers", customer_json(tax_id=tax_id)).ok(201)
    with pytest.MonkeyPatch.context() as closed:
        closed.setattr(vies, "ask", Mock(side_effect=vies.Unanswered("MS_UNAVAILABLE")))
        assert deliver("check_vat_id", *details("customer.created")) == []
    scene.at.now += timedelta(hours=2)
    return Message(lambda: strike("retry_vat_checks", scene.api.tenant_id))


def _after(prepare: Callable[[Client], object], message: Callable[[], Message]) -> Callable[[Scene], Message]:
    """A message that exists after this preparation."""
    return lambda scene: (prepare(scene.api), message())[1]


SCENES: dict[str, Callable[[Scene], Message]] = {
    "advance_run": _advance_run,
    "allocate_bank_transactions": lambda scene: Message(transactions.payment_and_credit(scene.api)),
    "announce_direct_debits": _hourly("announce_direct_debits", lambda api: debited(api, announces=False)),
    "announce_upcoming_invoices": _announce_upcoming_invoices,
    "bill_units": _bill_units,
    "check_vat_id": _check_vat_id,
    "cancel_order": _cancel_order,
    "collect_due": _collect_due,
    "delete_files": _delete_files,
    "delete_notes": _delete_notes,
    "delete_unreferenced_file": _delete_unreferenced_file,
    "deliver_webhook": lambda scene: _raw("deliver_webhook", to_deliver(scene.api)),
    "erase_copies": _erase_copies,
    "expire_statement_upload": _after(bank.announcing, lambda: _event("expire_statement_upload", bank.ANNOUNCED)),
    "expire_mandates": _hourly("expire_mandates", unused_method),
    "expire_upload": _expire_upload,
    "fan_out_webhooks": _after(to_fan_out, lambda: _event("fan_out_webhooks", "customer.created")),
    "import_bank_statement": lambda scene: Message(bank.partly_known(scene.api)),
    "invoice_completed_order": _invoice_completed_order,
    "mark_overdue": lambda scene: _of_overdue(scene, "mark_overdue"),
    "publish_hour_part": _publish_hour_part,
    "publish_hourly_tick": lambda _: _scheduled("publish_hourly_tick"),
    "publish_outbox": _publish_outbox,
    "quarantine_file": _quarantine_file,
    "retain_entry": _retain_entry,
    "receive_bank_statement": lambda scene: _raw("receive_bank_statement", bank.arriving(scene.api)),
    "receive_upload": _receive_upload,
    "record_balance": _record_balance,
    "record_email_status": _record_email_status,
    "record_read": _record_read,
    "refuse_debits": lambda scene: Message(transactions.refused_file(scene.api)),
    "refresh_customer_copies": _refresh_customer_copies,
    "release_deliveries": _after(let_wait, lambda: _event("release_deliveries", "webhook.activated")),
    "render_document": _render_document,
    "render_run_document": _render_run_document,
    "render_dunning_document": _render_dunning_document,
    "retry_vat_checks": _retry_vat_checks,
    "resend_deferred_emails": _resend_deferred_emails,
    "retry_webhooks": _after(unreachable, lambda: _scheduled("retry_webhooks")),
    "run_dunning": lambda scene: _of_overdue(scene, "run_dunning"),
    "send_email": _send_email,
    "settle_debits": lambda scene: Message(transactions.due_to_settle(scene.api)),
    "sweep_outbox": _sweep_outbox,
}
"""By the name of the function."""
