"""PUT /invoices/{invoice_id}/customer-address."""

from tests.builders import customer_json, invoice_json
from tests.gateway import Client

ADDRESS = {"line1": "Kai 7", "postal_code": "28195", "city": "Bremen", "country": "DE"}


def test_the_draft_changes_and_the_customer_does_not(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)
    draft = api.post("/invoices", invoice_json(customer_id=customer["id"])).ok(201)["id"]
    changed = api.put(f"/invoices/{draft}/customer-address", ADDRESS).ok()
    assert changed["customer_address"]["city"] == "Bremen"
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    assert ADDRESS.items() <= issued["customer"]["address"].items()
    assert issued["customer"]["name"] == customer["name"]
    assert api.get(f"/customers/{customer['id']}").ok()["address"]["city"] == "Leipzig"


def test_it_applies_to_an_unstored_customer_too(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(customer={"name": "Laufkundschaft"})).ok(201)["id"]
    api.put(f"/invoices/{draft}/customer-address", ADDRESS).ok()
    assert api.post(f"/invoices/{draft}/finalize").ok()["customer"]["address"]["city"] == "Bremen"


def test_it_is_replaced_as_a_whole_and_removed_by_a_patch(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    api.put(f"/invoices/{draft}/customer-address", {**ADDRESS, "line2": "Hof"}).ok()
    assert api.put(f"/invoices/{draft}/customer-address", ADDRESS).ok()["customer_address"]["line2"] is None
    assert api.patch(f"/invoices/{draft}", {"customer_address": None}).ok()["customer_address"] is None


def test_an_address_has_a_country(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    answer = api.put(f"/invoices/{draft}/customer-address", {"city": "Bremen"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/country")


def test_an_issued_document_keeps_its_address(api: Client, issued: dict[str, str]) -> None:
    answer = api.put(f"/invoices/{issued['id']}/customer-address", ADDRESS)
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["allowed_actions"]
