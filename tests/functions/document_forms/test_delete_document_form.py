"""DELETE /document-forms/{form_id}"""

from tests.builders import customer_json, invoice_json
from tests.events import details
from tests.gateway import Client


def test_a_deleted_form_does_not_exist(api: Client) -> None:
    path = f"/document-forms/{api.post('/document-forms', {'name': 'A'}).ok(201)['id']}"
    api.delete(path).ok(204)
    assert api.get(path).code == "FORM_NOT_FOUND"
    assert len(details("document_form.deleted")) == 1
    api.post("/document-forms", {"name": "A"}).ok(201)


def test_the_default_of_the_tenant_cannot_be_deleted(api: Client) -> None:
    form = api.post("/document-forms", {"name": "A"}).ok(201)["id"]
    api.patch("/tenant", {"form_id": form}).ok()
    refused = api.delete(f"/document-forms/{form}")
    assert (refused.status, refused.code) == (409, "FORM_IN_USE")
    api.patch("/tenant", {"form_id": None}).ok()
    api.delete(f"/document-forms/{form}").ok(204)


def test_a_draft_of_a_deleted_form_uses_the_default(api: Client) -> None:
    own, default = (api.post("/document-forms", {"name": name}).ok(201)["id"] for name in ("own", "default"))
    api.patch("/tenant", {"form_id": default}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, form_id=own)).ok(201)["id"]
    api.delete(f"/document-forms/{own}").ok(204)
    api.patch(f"/invoices/{draft}", {"title": "Rechnung"}).ok()
    assert api.post(f"/invoices/{draft}/finalize").ok()["form"]["name"] == "default"


def test_an_issued_document_keeps_a_deleted_form(api: Client) -> None:
    form = api.post("/document-forms", {"name": "A"}).ok(201)["id"]
    customer = api.post("/customers", customer_json(form_id=form)).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    api.delete(f"/document-forms/{form}").ok(204)
    kept = api.get(f"/invoices/{issued['id']}").ok()["form"]
    assert (kept["id"], kept) == (form, issued["form"])
