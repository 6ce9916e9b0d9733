"""order.completed of the order system → a draft invoice"""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.core.errors import ConcurrentModification
from invoicing.customers.table import tenant_and_customer
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls, seed
from tests.builders import customer_json, line_json, order_json, outside_event
from tests.catalogue import new_price
from tests.conftest import Clock
from tests.events import deliver_raw, details, dlq_messages
from tests.gateway import Client

DELIVER = "invoice_completed_order"


@pytest.fixture
def customer(api: Client, company: Tenant) -> str:
    """The customer of the order, with the external id of the order system."""
    return str(api.post("/customers", customer_json(external_id="K-7")).ok(201)["id"])


@pytest.fixture
def completed(company: Tenant, customer: str) -> Callable[..., str]:
    """The event; each call creates one with a new id."""

    def event(**fields: Any) -> str:
        order = {
            "external_id": "SO-1",
            "customer_external_id": "K-7",
            "currency": "EUR",
            "purchase_order_id": "PO-7",
            "lines": [line_json()],
        }
        detail = {"tenant_id": company.id, "order": {**order, **fields}, "shop": {"anything": 1}}
        return outside_event("order.completed", detail)

    return event


def invoices(api: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/invoices").ok()["data"]
    return found


def test_a_completed_order_becomes_an_order_and_its_draft(
    api: Client, completed: Callable[..., str], customer: str, aws: AwsCalls
) -> None:
    with aws.only(DELIVER) as calls:
        assert deliver_raw(DELIVER, completed()) == []
    [draft] = invoices(api)
    names = ("status", "origin", "total", "customer_id", "purchase_order_id", "created_by")
    assert [draft[name] for name in names] == ["draft", "event", "119.00", customer, "PO-7", None]
    [order] = api.get("/orders?external_id=SO-1").ok()["data"]
    assert (order["status"], order["invoice_ids"], order["id"]) == ("invoiced", [draft["id"]], draft["order_id"])
    assert order["completed_at"]
    assert calls.names["dynamodb:TransactWriteItems"] == 1
    assert [len(details(name)) for name in ("invoice.created", "order.created", "order.invoiced")] == [1, 1, 1]


def test_an_order_is_drafted_once_for_repeated_events(api: Client, completed: Callable[..., str]) -> None:
    """The same event again, other events about the same order, and all of it in one batch."""
    event = completed()
    assert deliver_raw(DELIVER, event, event, completed()) == []
    assert deliver_raw(DELIVER, completed(note="anders"), event) == []
    assert len(invoices(api)) == 1
    assert dlq_messages() == []


def test_two_deliveries_at_once_make_one_draft(
    api: Client, completed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = tenant_and_customer

    def overtaken(store: Store, customer_id: str | None) -> Any:
        monkeypatch.setattr(sys.modules["functions.events.invoice_completed_order"], "tenant_and_customer", read)
        assert deliver_raw(DELIVER, completed()) == []
        return read(store, customer_id)

    monkeypatch.setattr(sys.modules["functions.events.invoice_completed_order"], "tenant_and_customer", overtaken)
    assert deliver_raw(DELIVER, completed()) == []
    assert (len(invoices(api)), dlq_messages()) == (1, [])


def test_a_lasting_conflict_is_retried_at_the_next_delivery(
    api: Client, completed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hindered(*_: object) -> None:
        raise ConcurrentModification

    event = completed()
    with monkeypatch.context() as patched:
        patched.setattr("invoicing.store.retry.RETRY_SECONDS", 0.0)
        patched.setattr(sys.modules["functions.events.invoice_completed_order"], "tenant_and_customer", hindered)
        assert deliver_raw(DELIVER, event) == ["0"]
    assert deliver_raw(DELIVER, event, received=2) == []
    assert len(invoices(api)) == 1


def test_two_deliveries_of_a_known_order_make_one_draft(
    api: Client, completed: Callable[..., str], customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post("/orders", order_json(customer_id=customer, external_id="SO-1")).ok(201)
    test_two_deliveries_at_once_make_one_draft(api, completed, monkeypatch)


def test_a_deleted_draft_is_not_created_again(api: Client, completed: Callable[..., str]) -> None:
    deliver_raw(DELIVER, completed())
    api.delete(f"/invoices/{invoices(api)[0]['id']}").ok(204)
    assert deliver_raw(DELIVER, completed()) == []
    assert invoices(api) == []
    [order] = api.get("/orders?status=open").ok()["data"]
    assert api.post(f"/orders/{order['id']}/invoices").ok(201)["origin"] == "order"


def test_a_known_order_is_invoiced_with_its_completed_content(
    api: Client, completed: Callable[..., str], customer: str
) -> None:
    known = api.post("/orders", order_json(customer_id=customer, external_id="SO-1")).ok(201)
    assert deliver_raw(DELIVER, completed(customer_external_id=None, customer_id=customer, lines=[
        line_json(quantity="4")
    ])) == []  # fmt: skip
    [draft] = invoices(api)
    assert (draft["order_id"], draft["total"]) == (known["id"], "238.00")
    assert api.get(f"/orders/{known['id']}").ok()["total"] == "238.00"


def test_an_order_that_was_invoiced_by_hand_gets_no_second_draft(
    api: Client, completed: Callable[..., str], customer: str
) -> None:
    known = api.post("/orders", order_json(customer_id=customer, external_id="SO-1")).ok(201)
    by_hand = api.post(f"/orders/{known['id']}/invoices").ok(201)
    assert deliver_raw(DELIVER, completed(), completed()) == []
    assert [one["id"] for one in invoices(api)] == [by_hand["id"]]
    assert api.get(f"/orders/{known['id']}").ok()["completed_at"]


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        ({"external_id": None}, "INVALID_TYPE", "/order/external_id: "),
        ({"lines": []}, "VALIDATION_ERROR", "/order/lines: "),
        ({"lines": [line_json(unit_price=50)]}, "INVALID_TYPE", "/order/lines/0/unit_price: "),
        ({"qty": 1}, "VALIDATION_ERROR", "/order/qty: "),
        ({"customer_id": "cus_1"}, "VALIDATION_ERROR", "/order/customer_id: "),
        ({"customer_external_id": None}, "VALIDATION_ERROR", "customer_id or customer_external_id"),
        ({"shipping": {"amount": "4.905"}}, "VALIDATION_ERROR", "/shipping/amount: "),
        ({"discount": {"amount": "100.01"}}, "DISCOUNT_EXCEEDS_AMOUNT", "/discount/amount: "),
        ({"lines": [line_json(quantity="-1")]}, "NEGATIVE_TOTAL", ""),
    ],
)
def test_a_malformed_event_goes_to_the_dlq_with_the_reason(
    api: Client, completed: Callable[..., str], fields: dict[str, Any], code: str, reason: str
) -> None:
    bad, good = completed(**fields), completed(external_id="SO-2")
    assert deliver_raw(DELIVER, bad, good) == []
    [(attributes, body)] = dlq_messages()
    assert attributes["code"] == code
    assert reason in attributes["reason"]
    assert body == bad
    assert len(invoices(api)) == 1, "the other event of the batch was processed"


@pytest.mark.parametrize(
    "body",
    [
        "no JSON",
        "[]",
        "{}",
        '{"id":"1","source":"orders","detail-type":"order.completed","detail":{}}',
        '{"id":"1","source":"orders","detail-type":"order.completed","detail":{"tenant_id":"ten_1#X","order":{}}}',
        '{"id":"1","id":"2","source":"orders","detail-type":"order.completed","detail":{}}',
    ],
)
def test_a_message_without_an_event_goes_to_the_dlq(company: Tenant, body: str) -> None:
    assert deliver_raw(DELIVER, body) == []
    [(attributes, kept)] = dlq_messages()
    assert attributes["code"] in ("VALIDATION_ERROR", "INVALID_TYPE")
    assert attributes["reason"]
    assert kept == body


def test_a_source_that_the_tenant_does_not_accept_is_refused(
    api: Client, completed: Callable[..., str], company: Tenant
) -> None:
    stranger = json.loads(completed()) | {"source": "shop"}
    assert deliver_raw(DELIVER, json.dumps(stranger)) == []
    seed(company.id, company.model_copy(update={"event_sources": ()}))
    assert deliver_raw(DELIVER, completed()) == []
    assert {attributes["code"] for attributes, _ in dlq_messages()} == {"SOURCE_NOT_ALLOWED"}
    assert invoices(api) == []


def test_an_unknown_tenant_is_retried_and_then_sent_to_the_dlq(completed: Callable[..., str]) -> None:
    event = json.loads(completed())
    event["detail"]["tenant_id"] = "ten_01JD8X2V6PZ3QK7M5T9WRC4HBN"
    body = json.dumps(event)
    assert deliver_raw(DELIVER, body, received=4) == ["0"]
    assert deliver_raw(DELIVER, body, received=5) == []
    assert [attributes["code"] for attributes, _ in dlq_messages()] == ["TENANT_NOT_FOUND"]


def test_an_unknown_customer_is_retried(api: Client, completed: Callable[..., str]) -> None:
    event = completed(customer_external_id="K-8")
    assert deliver_raw(DELIVER, event) == ["0"]
    api.post("/customers", customer_json(external_id="K-8")).ok(201)
    assert deliver_raw(DELIVER, event, received=2) == []
    assert (len(invoices(api)), dlq_messages()) == (1, [])


def test_an_unexpected_error_goes_to_the_dlq_without_its_text(
    completed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr(sys.modules["functions.events.invoice_completed_order"], "tenant_and_customer", fail)
    event = completed()
    assert deliver_raw(DELIVER, event) == ["0"]
    assert deliver_raw(DELIVER, event, received=5) == []
    [(attributes, _)] = dlq_messages()
    assert attributes["code"] == "INTERNAL_ERROR"
    assert "1234" not in str(attributes)


def test_no_message_is_lost_if_the_dlq_does_not_respond(
    completed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client("sqs").delete_queue(QueueUrl=client("sqs").list_queues()["QueueUrls"][0])
    assert deliver_raw(DELIVER, completed(lines=[])) == ["0"]


def test_the_day_is_in_the_tenants_time_zone(
    api: Client, completed: Callable[..., str], company: Tenant, at: Clock
) -> None:
    at.now = at.now.replace(hour=23, minute=30)
    seen = []
    read = tenant_and_customer

    def noted(store: Store, customer_id: str | None) -> Any:
        seen.append(store.session.day_shown.day)
        return read(store, customer_id)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys.modules["functions.events.invoice_completed_order"], "tenant_and_customer", noted)
        deliver_raw(DELIVER, completed())
    assert seen == [11]


def test_a_line_of_the_event_can_name_a_price(api: Client, completed: Callable[..., str]) -> None:
    price = new_price(api)
    assert deliver_raw(DELIVER, completed(lines=[{"price_id": price, "quantity": "2"}])) == []
    [draft] = invoices(api)
    assert [(line["price_id"], line["net"]) for line in api.get(f"/invoices/{draft['id']}").ok()["lines"]] == [
        (price, "24.00")
    ]
