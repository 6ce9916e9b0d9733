"""POST /customers/{customer_id}/erase."""

from collections.abc import Callable

from tests.builders import customer_json, invoice_json
from tests.events import deliver, details, outbox
from tests.gateway import Client

PERSONAL = {
    "external_id": "K-7",
    "first_name": "Rosa",
    "last_name": "Süß",
    "phone": "+49 341 555",
    "legal_id": "HRB 4711",
    "buyer_reference": "Frau Süß",
    "leitweg_id": "991-33333TEST-33",
    "electronic_address": {"scheme": "EM", "id": "rosa@suess.example"},
    "shipping_address": {"line1": "Hinterhof 3", "city": "Leipzig", "country": "DE"},
    "note": "zahlt bar",
    "custom_attributes": [{"name": "Hund", "value": "Waldi"}],
    "metadata": {"crm": "rosa-1"},
}


def test_personal_data_is_erased_and_issued_documents_stay(api: Client, stored_text: Callable[[], str]) -> None:
    made = api.post("/customers", customer_json(name="Rosa Süß", type="person", language="de", **PERSONAL)).ok(201)
    path = f"/customers/{made['id']}"
    erased = api.post(f"{path}/erase", raw=b"").ok()
    assert erased["erased_at"] == erased["archived_at"]
    assert (erased["name"], erased["type"], erased["language"], erased["version"]) == ("—", "person", "de", 2)
    assert not any(erased[name] for name in (*PERSONAL, "emails", "address", "tax_id"))
    assert api.get(path).ok() == erased
    assert api.get("/customers?external_id=K-7").ok()["data"] == []
    api.post("/customers", customer_json(name="Andere", external_id="K-7")).ok(201)


def test_issued_documents_keep_the_buyer_and_drafts_lose_it(api: Client) -> None:
    made = api.post("/customers", customer_json(name="Rosa Süß")).ok(201)["id"]
    issued, draft = (api.post("/invoices", invoice_json(customer_id=made)).ok(201)["id"] for _ in range(2))
    api.post(f"/invoices/{issued}/finalize").ok()
    api.post(f"/customers/{made}/erase", raw=b"").ok()
    assert deliver("refresh_customer_copies", *details("customer.erased")) == []
    kept = api.get(f"/invoices/{issued}").ok()
    assert (kept["customer"]["name"], kept["customer_name"]) == ("Rosa Süß", "Rosa Süß")
    assert api.get(f"/invoices/{draft}").ok()["customer_name"] == "—"


def test_an_erased_customer_is_neither_changed_nor_invoiced(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=made)).ok(201)["id"]
    api.post(f"/customers/{made}/erase", raw=b"").ok()
    for answer in (api.patch(f"/customers/{made}", {"phone": "1"}), api.post(f"/customers/{made}/erase", raw=b"")):
        assert (answer.status, answer.code) == (409, "CUSTOMER_ERASED")
    for answer in (
        api.post("/invoices", invoice_json(customer_id=made)),
        api.patch(f"/invoices/{draft}", {"title": "x"}),
        api.post(f"/invoices/{draft}/finalize"),
    ):
        assert (answer.status, answer.code) == (404, "CUSTOMER_NOT_FOUND")


def test_the_event_has_no_personal_data(api: Client) -> None:
    made = api.post("/customers", customer_json(name="Rosa Süß", **PERSONAL)).ok(201)["id"]
    api.post(f"/customers/{made}/erase", raw=b"").ok()
    [event] = details("customer.erased")
    assert "name" in event["data"]["changed"]
    assert not any(text in str(event) for text in ("Rosa", "suess", "4711", "Leipzig"))
    [row] = (row for row in outbox() if row["detail_type"]["S"] == "customer.erased")
    assert row["PK"]["S"].endswith(f"#CUS#{made}")
