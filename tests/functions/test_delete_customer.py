"""DELETE /customers/{customer_id}."""

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
