"""DELETE /customers/{customer_id}."""

import sys

import pytest

from invoicing.core.model import Aggregate
from invoicing.customers.model import Customer
from invoicing.customers.table import tenant_and_customer
from invoicing.store.store import Store
from tests.builders import customer_json, invoice_json
from tests.gateway import Client


def test_a_customer_without_documents_is_deleted(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    assert api.delete(f"/customers/{made['id']}").status == 204
    assert api.get(f"/customers/{made['id']}").status == 404


def test_a_customer_with_documents_stays(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    api.post("/invoices", invoice_json(customer_id=made["id"])).ok(201)
    answer = api.delete(f"/customers/{made['id']}")
    assert (answer.status, answer.code) == (409, "CUSTOMER_IN_USE")


def test_a_customer_whose_drafts_are_deleted_can_be_deleted(api: Client) -> None:
    made, other = (api.post("/customers", customer_json()).ok(201)["id"] for _ in range(2))
    first, second = (api.post("/invoices", invoice_json(customer_id=made)).ok(201)["id"] for _ in range(2))
    api.delete(f"/invoices/{first}").ok(204)
    assert api.delete(f"/customers/{made}").code == "CUSTOMER_IN_USE"
    api.patch(f"/invoices/{second}", {"customer_id": other}).ok()
    api.delete(f"/customers/{made}").ok(204)
    assert api.delete(f"/customers/{other}").code == "CUSTOMER_IN_USE"


def test_a_draft_created_concurrently_keeps_the_customer(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """No index is read, because it would have the draft some time later."""
    made = api.post("/customers", customer_json()).ok(201)
    read = Store.get

    def overtaken(store: Store, kind: type[Aggregate], *ids: str) -> Aggregate:
        found = read(store, kind, *ids)
        if kind is not Customer:
            return found
        [customer_id] = ids
        api.post("/invoices", invoice_json(customer_id=customer_id)).ok(201)
        return found

    monkeypatch.setattr(Store, "get", overtaken)
    answer = api.delete(f"/customers/{made['id']}")
    assert (answer.status, answer.code) == (409, "CUSTOMER_IN_USE")


def test_a_customer_deleted_concurrently_gets_no_draft(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    read = tenant_and_customer

    def overtaken(store: Store, customer_id: str | None) -> object:
        found = read(store, customer_id)
        api.delete(f"/customers/{made['id']}").ok(204)
        return found

    monkeypatch.setattr(sys.modules["functions.invoices.create_invoice"], "tenant_and_customer", overtaken)
    answer = api.post("/invoices", invoice_json(customer_id=made["id"]))
    assert (answer.status, answer.code) == (404, "CUSTOMER_NOT_FOUND")
