"""PATCH /document-forms/{form_id}: issued documents keep the form that they were issued with."""

from typing import Any

from invoicing.aws.files import delete
from tests.builders import customer_json, invoice_json
from tests.events import deliver, details
from tests.gateway import Client
from tests.uploads import keys


def test_a_change_replaces_the_given_fields(api: Client) -> None:
    form = api.post("/document-forms", {"name": "A", "accent_color": "#0a5aa0"}).ok(201)
    changed = api.patch(f"/document-forms/{form['id']}", {"accent_color": None, "footer": "AGB"}).ok()
    assert (changed["name"], changed["accent_color"], changed["footer"], changed["version"]) == ("A", None, "AGB", 2)
    [event] = details("document_form.updated")
    assert {"accent_color", "footer"} <= set(event["data"]["changed"])


def test_a_form_can_be_renamed_to_a_free_name_only(api: Client) -> None:
    form, _ = (api.post("/document-forms", {"name": name}).ok(201) for name in ("A", "B"))
    path = f"/document-forms/{form['id']}"
    assert api.patch(path, {"name": "B"}).code == "FORM_NAME_TAKEN"
    api.patch(path, {"name": "C"}).ok()
    api.post("/document-forms", {"name": "A"}).ok(201)


def test_a_stale_change_is_refused(api: Client) -> None:
    form = api.post("/document-forms", {"name": "A"}).ok(201)
    path = f"/document-forms/{form['id']}"
    api.patch(path, {"footer": "AGB"}).ok()
    assert api.patch(path, {"footer": "x"}, headers={"If-Match": '"1"'}).code == "VERSION_MISMATCH"


def test_an_issued_invoice_keeps_its_form_and_its_bytes(api: Client) -> None:
    texts = [{"language": "de", "closing": "Danke"}]
    form = api.post("/document-forms", {"name": "A", "accent_color": "#0a5aa0", "texts": texts}).ok(201)
    issued = _issued(api, form_id=form["id"])
    assert (issued["form"]["id"], issued["form"]["name"], issued["closing"]) == (form["id"], "A", "Danke")
    [finalized] = details("invoice.finalized")
    deliver("render_document", finalized)
    file = api.get(f"/invoices/{issued['id']}").ok()["files"]["pdf"]
    stored = keys(api.tenant_id)
    api.patch(f"/document-forms/{form['id']}", {"name": "B", "accent_color": "#7a1f3d", "texts": []}).ok()
    after = api.get(f"/invoices/{issued['id']}").ok()
    assert (after["form"], after["closing"]) == (issued["form"], "Danke")
    delete(api.tenant_id, file["id"], file["sha256"])
    deliver("render_document", {**finalized, "id": "evt_again"})
    assert keys(api.tenant_id) == stored, "the same document has the same bytes"


def _issued(api: Client, **fields: Any) -> dict[str, Any]:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, **fields)).ok(201)["id"]
    issued: dict[str, Any] = api.post(f"/invoices/{draft}/finalize").ok()
    return issued


def test_a_duplicate_has_the_standard_texts_of_now(api: Client) -> None:
    texts = [{"language": "en", "closing": "Pay to bank A.", "note": "Thank you."}]
    form = api.post("/document-forms", {"name": "Bank", "texts": texts}).ok(201)["id"]
    issued = _issued(api, form_id=form, language="en", note="My own note.")
    assert (issued["closing"], issued["note"]) == ("Pay to bank A.", "My own note.")
    api.patch(f"/document-forms/{form}", {"texts": [{**texts[0], "closing": "Pay to bank B."}]}).ok()
    copy = api.post(f"/invoices/{issued['id']}/duplicate").ok(201)
    assert (copy["closing"], copy["note"]) == (None, "My own note.")
    assert api.post(f"/invoices/{copy['id']}/finalize").ok()["closing"] == "Pay to bank B."
