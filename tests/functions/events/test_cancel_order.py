"""order.canceled of the order system → the order and its invoice are canceled"""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.tenants.model import Tenant
from tests.builders import order_json, outside_event
from tests.events import deliver_raw, details, dlq_messages
from tests.gateway import Client

DELIVER = "cancel_order"


@pytest.fixture
def known(api: Client, company: Tenant, order: dict[str, Any]) -> str:
    """The path of the order with the external id SO-1."""
    path = f"/orders/{order['id']}"
    api.patch(path, {"external_id": "SO-1"}).ok()
    return path


@pytest.fixture
def canceled(company: Tenant) -> Callable[..., str]:
    """The event; each call creates one with a new id."""

    def event(**fields: Any) -> str:
        order = {"external_id": "SO-1", "reason": "Kunde hat widerrufen", **fields}
        return outside_event("order.canceled", {"tenant_id": company.id, "order": order})

    return event


def test_an_open_order_is_canceled_and_not_invoiced_any_more(
    api: Client, known: str, canceled: Callable[..., str]
) -> None:
    event = canceled()
    assert deliver_raw(DELIVER, event, event, canceled()) == []
    order = api.get(known).ok()
    assert (order["status"], order["invoice_ids"], bool(order["canceled_at"])) == ("canceled", [], True)
    answer = api.post(f"{known}/invoices")
    assert (answer.status, answer.code, answer.json["allowed_actions"]) == (409, "INVALID_STATE", ["delete"])
    assert len(details("order.canceled")) == 1


def test_its_draft_is_deleted_with_it(api: Client, known: str, canceled: Callable[..., str]) -> None:
    draft = api.post(f"{known}/invoices").ok(201)["id"]
    assert deliver_raw(DELIVER, canceled()) == []
    assert api.get(f"/invoices/{draft}").code == "INVOICE_NOT_FOUND"
    assert api.get(known).ok()["status"] == "canceled"
    assert len(details("invoice.deleted")) == len(details("order.canceled")) == 1


@pytest.mark.parametrize(("paid", "refund"), [(None, "0.00"), ("119.00", "119.00")])
def test_its_issued_invoice_is_canceled_with_it(
    api: Client, known: str, canceled: Callable[..., str], paid: str | None, refund: str
) -> None:
    """E34: automation after order cancellation."""
    path = f"/invoices/{api.post(f'{known}/invoices').ok(201)['id']}"
    api.post(f"{path}/finalize").ok()
    if paid:
        api.post(f"{path}/payments", {"amount": paid}).ok(201)
    event = canceled()
    assert deliver_raw(DELIVER, event, event, canceled()) == []
    invoice, order = api.get(path).ok(), api.get(known).ok()
    assert (invoice["status"], invoice["refund_due"]) == ("canceled", refund)
    assert (order["status"], order["invoice_ids"]) == ("canceled", [])
    assert api.get(f"/invoices/{invoice['cancellation_id']}").ok()["total"] == "119.00"
    assert len(api.get("/invoices?type=cancellation").ok()["data"]) == 1
    assert details("invoice.canceled")[0]["data"]["details"]["reason"] == "Kunde hat widerrufen"
    assert details("order.freed") == []


def test_an_invoice_that_cannot_be_canceled_is_named(api: Client, known: str, canceled: Callable[..., str]) -> None:
    path = f"/invoices/{api.post(f'{known}/invoices').ok(201)['id']}"
    api.post(f"{path}/finalize").ok()
    api.post(f"{path}/credit", {}).ok(201)
    assert deliver_raw(DELIVER, canceled()) == []
    [(attributes, _)] = dlq_messages()
    assert attributes["code"] == "NOTHING_TO_CANCEL"
    assert api.get(known).ok()["status"] == "invoiced"


def test_a_canceled_order_is_not_completed_any_more(api: Client, known: str, canceled: Callable[..., str]) -> None:
    order = api.get(known).ok()
    assert deliver_raw(DELIVER, canceled()) == []
    detail = {**order_json(customer_id=order["customer_id"]), "external_id": "SO-1"}
    event = outside_event("order.completed", {"tenant_id": details("order.canceled")[0]["tenant_id"], "order": detail})
    assert deliver_raw("invoice_completed_order", event) == ["0"]
    assert api.get("/invoices").ok()["data"] == []


def test_an_unknown_order_is_retried_and_then_sent_to_the_dlq(canceled: Callable[..., str]) -> None:
    """Events arrive in any order: the completed one may arrive later."""
    event = canceled()
    assert deliver_raw(DELIVER, event, received=1) == ["0"]
    assert deliver_raw(DELIVER, event, received=5) == []
    assert [attributes["code"] for attributes, _ in dlq_messages()] == ["ORDER_NOT_FOUND"]


@pytest.mark.parametrize("fields", [{"external_id": ""}, {"external_id": None}, {"reason": 7}])
def test_a_malformed_event_goes_to_the_dlq_at_once(canceled: Callable[..., str], fields: dict[str, Any]) -> None:
    assert deliver_raw(DELIVER, canceled(**fields)) == []
    [(attributes, _)] = dlq_messages()
    assert attributes["reason"].startswith("/order/")
