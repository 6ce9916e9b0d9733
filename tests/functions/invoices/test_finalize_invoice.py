"""POST /invoices/{invoice_id}/finalize: A20, B21."""

from datetime import timedelta
from typing import Any

import pytest

from infra.tenants import OperatorChange, apply_operator_change
from invoicing.core.event import Recorded
from invoicing.core.identity import Caller
from invoicing.invoices.events import InvoiceUpdated
from invoicing.invoices.model import Invoice
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from tests.attachments import SHEET, issued_with_files, with_files
from tests.aws import AwsCalls
from tests.builders import NOON, customer_json, invoice_json, line_json, rule_json
from tests.conftest import Clock
from tests.events import deliver_raw
from tests.forms import PDF
from tests.gateway import Client
from tests.races import meanwhile
from tests.uploads import note_with_upload, tagged


def draft_for(api: Client, **fields: object) -> str:
    customer = api.post("/customers", customer_json()).ok(201)
    return str(api.post("/invoices", invoice_json(customer_id=customer["id"], **fields)).ok(201)["id"])


def draft_to(api: Client, customer: dict[str, object], **fields: object) -> str:
    id_ = api.post("/customers", customer_json(**customer)).ok(201)["id"]
    return str(api.post("/invoices", invoice_json(customer_id=id_, **fields)).ok(201)["id"])


def test_an_issued_invoice_has_a_number_dates_and_frozen_parties(api: Client) -> None:
    issued = api.post(f"/invoices/{draft_for(api)}/finalize").ok()
    assert (issued["number"], issued["status"], issued["due"]) == ("INV-2026-000001", "open", "119.00")
    assert (issued["issue_date"], issued["due_date"]) == ("2026-03-10", "2026-03-24")
    assert issued["customer"]["name"] == "Bäckerei Süß & Söhne"
    assert issued["seller"]["name"] == "Nordlicht Werkzeuge GmbH"
    assert issued["files"]["pdf"]["status"] == "pending"


def test_numbers_follow_each_other_without_a_gap(api: Client) -> None:
    numbers = [api.post(f"/invoices/{draft_for(api)}/finalize").ok()["number"] for _ in range(3)]
    assert numbers == ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]


def test_it_takes_three_round_trips(api: Client, aws: AwsCalls) -> None:
    draft = draft_for(api)
    with aws.only("finalize_invoice") as calls:
        api.post(f"/invoices/{draft}/finalize").ok()
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}


def test_finalizing_twice_gives_one_number(api: Client) -> None:
    draft = draft_for(api)
    first = api.post(f"/invoices/{draft}/finalize", headers={"Idempotency-Key": "f"})
    again = api.post(f"/invoices/{draft}/finalize", headers={"Idempotency-Key": "f"})
    assert (first.ok(), again.headers["Idempotency-Replayed"]) == (again.ok(), "true")
    refused = api.post(f"/invoices/{draft}/finalize")
    assert (refused.status, refused.code) == (409, "INVALID_STATE")


def test_a_national_rule_is_refused_before_a_number_is_used(api: Client) -> None:
    address = {"line1": "Nygade 1", "postal_code": "1000", "city": "København", "country": "DK"}
    company = {"address": address, "vat_id": "DK13585628", "einvoice_format": "peppol", "legal_id": None}
    api.patch("/tenant", {**company, "electronic_address": {"scheme": "0184", "id": "DK13585628"}}).ok()
    buyer = {"address": address, "electronic_address": {"scheme": "0184", "id": "DK13585628"}}
    draft = draft_to(api, customer_json(**buyer), buyer_reference="K-1", payment_means_code="30")
    refused = api.post(f"/invoices/{draft}/finalize")
    assert (refused.status, refused.code) == (422, "EN16931_RULE_BROKEN")
    assert {(one["code"], one["pointer"]) for one in refused.json["errors"]} == {
        ("DK-R-002", "/seller/legal_id"),
        ("DK-R-005", "/payment_means_code"),
    }
    api.patch("/tenant", {"legal_id": "13585628", "legal_id_scheme": "0184"}).ok()
    api.patch(f"/invoices/{draft}", {"payment_means_code": "31"}).ok()
    assert api.post(f"/invoices/{draft}/finalize").ok()["number"].endswith("000001")


def test_a_greek_invoice_has_the_number_that_peppol_requires(greek: dict[str, Any]) -> None:
    assert greek["number"] == "094259216|10/03/2026|0|1.1|A|1"


def test_a_refused_draft_uses_no_number(api: Client) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    empty = api.post("/invoices", {"customer_id": customer}).ok(201)["id"]
    nobody = api.post("/invoices", invoice_json()).ok(201)["id"]
    assert api.post(f"/invoices/{empty}/finalize").code == "BR-16"
    assert api.post(f"/invoices/{nobody}/finalize").code == "BR-07"
    assert api.post(f"/invoices/{draft_for(api)}/finalize").ok()["number"] == "INV-2026-000001"


def test_a_broken_rule_of_en_16931_is_named_and_uses_no_number(api: Client) -> None:
    customer = api.post("/customers", customer_json(tax_id=None)).ok(201)["id"]
    lines = [line_json(), line_json(tax={"category": "AE"})]
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=lines)).ok(201)["id"]
    answer = api.post(f"/invoices/{draft}/finalize")
    assert (answer.status, answer.code) == (422, "EN16931_RULE_BROKEN")
    assert [(error["code"], error["pointer"]) for error in answer.json["errors"]] == [("BR-AE-02", "/lines/1/tax")]
    assert "BR-AE-02" in answer.json["detail"]
    api.patch(f"/customers/{customer}", {"tax_id": "ATU12345675"}).ok()
    assert api.post(f"/invoices/{draft}/finalize").ok()["number"] == "INV-2026-000001"


def test_customer_data_is_frozen_unless_the_draft_overrides_it(api: Client) -> None:
    shop = {"line1": "Rampe 2", "postal_code": "1010", "city": "Wien", "country": "AT"}
    customer = api.post("/customers", customer_json(shipping_address=shop, buyer_reference="K-9")).ok(201)["id"]
    theirs = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    issued = api.post(f"/invoices/{theirs}/finalize").ok()
    assert (issued["ship_to"]["city"], issued["buyer_reference"]) == ("Wien", "K-9")
    own = {"ship_to": {"city": "Graz", "country": "AT"}, "buyer_reference": "P-1"}
    ours = api.post("/invoices", invoice_json(customer_id=customer, **own)).ok(201)["id"]
    issued = api.post(f"/invoices/{ours}/finalize").ok()
    assert (issued["ship_to"]["city"], issued["buyer_reference"]) == ("Graz", "P-1")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"issue_date": "2026-03-11"}, "/issue_date"),
        ({"issue_date": "2026-03-10", "due_date": "2026-03-09"}, "/due_date"),
    ],
)
def test_invalid_dates_are_refused(api: Client, body: dict[str, str], pointer: str) -> None:
    answer = api.post(f"/invoices/{draft_for(api)}/finalize", body)
    assert (answer.status, answer.code) == (422, "DATE_NOT_ALLOWED")
    assert answer.json["errors"][0]["pointer"] == pointer


def test_a_back_dated_invoice_continues_the_old_year(api: Client, at: Clock) -> None:
    old = api.post(f"/invoices/{draft_for(api)}/finalize", {"issue_date": "2025-12-31"}).ok()
    new = api.post(f"/invoices/{draft_for(api)}/finalize").ok()
    assert (old["number"], new["number"]) == ("INV-2025-000001", "INV-2026-000001")


def test_the_issue_date_is_in_the_tenants_time_zone(api: Client, at: Clock) -> None:
    at.now = at.now.replace(month=12, day=31, hour=23, minute=30)
    issued = api.post(f"/invoices/{draft_for(api)}/finalize").ok()
    assert (issued["issue_date"], issued["number"]) == ("2027-01-01", "INV-2027-000001")


def test_a_given_due_date_precedes_the_terms(api: Client) -> None:
    issued = api.post(f"/invoices/{draft_for(api)}/finalize", {"due_date": "2026-04-30"}).ok()
    assert issued["due_date"] == "2026-04-30"


WITHOUT_DAYS: dict[str, object] = {"payment_terms": {"days": None}}
IN_WORDS: dict[str, object] = {**WITHOUT_DAYS, "payment_terms_text": "Zahlbar nach Abnahme."}


def test_an_invoice_needs_a_due_date_or_terms_in_words(api: Client) -> None:
    """EN 16931 BR-CO-25 allows either (BT-9, BT-20)."""
    refused = api.post(f"/invoices/{draft_for(api, **WITHOUT_DAYS)}/finalize")
    assert (refused.status, refused.code, refused.json["errors"][0]["pointer"]) == (422, "BR-CO-25", "/due_date")
    issued = api.post(f"/invoices/{draft_for(api, **IN_WORDS)}/finalize").ok()
    assert (issued["number"], issued["status"], issued["due_date"]) == ("INV-2026-000001", "open", None)


def test_an_invoice_without_due_date_is_never_overdue(api: Client, at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    issued = api.post(f"/invoices/{draft_for(api, **IN_WORDS)}/finalize").ok()
    at.now += timedelta(days=400)
    assert api.get(f"/invoices/{issued['id']}").ok()["overdue"] is False
    assert api.get("/invoices?overdue=true").ok()["data"] == []
    assert [one["id"] for one in api.get("/invoices?overdue=false").ok()["data"]] == [issued["id"]]
    assert api.get(f"/invoices/{issued['id']}/dunning").ok()["obstacle"] == "nothing_due"


def test_an_invoice_with_nothing_due_is_paid_at_once(api: Client) -> None:
    free = [{"name": "Muster", "unit_price": "0", "tax": {"category": "S", "rate": "19"}}]
    issued = api.post(f"/invoices/{draft_for(api, lines=free)}/finalize").ok()
    assert (issued["status"], issued["payment_status"]) == ("paid", "paid")


def test_sending_needs_an_address(api: Client) -> None:
    silent = api.post("/customers", customer_json(emails=[])).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=silent)).ok(201)["id"]
    answer = api.post(f"/invoices/{draft}/finalize", {"send": True})
    assert (answer.status, answer.code) == (422, "NO_RECIPIENT")


def test_an_invoice_to_be_sent_needs_a_granted_sender(api: Client) -> None:
    apply_operator_change(api.tenant_id, OperatorChange(revoke=["nordlicht.example"]), at=NOON)
    answer = api.post(f"/invoices/{draft_for(api)}/finalize", {"send": True})
    assert (answer.status, answer.code) == (422, "SENDER_NOT_GRANTED")


def test_later_customer_changes_do_not_reach_the_invoice(api: Client, issued: dict[str, str]) -> None:
    api.patch(f"/customers/{issued['customer_id']}", {"name": "Umbenannt KG"}).ok()
    assert api.get(f"/invoices/{issued['id']}").ok()["customer"]["name"] == "Bäckerei Süß & Söhne"


def test_missing_e_invoice_fields_are_named_and_use_no_number(api: Client) -> None:
    draft = draft_to(api, {"einvoice_format": "xrechnung", "emails": []}, lines=[line_json(unit="QQQ")])
    answer = api.post(f"/invoices/{draft}/finalize")
    assert (answer.status, answer.code) == (422, "EN16931_RULE_BROKEN")
    assert [(error["code"], error["pointer"]) for error in answer.json["errors"]] == [
        ("BR-CL-23", "/lines/0/unit"),
        ("PEPPOL-EN16931-R010", "/customer/electronic_address"),
        ("BR-DE-6", "/seller/contact/phone"),
        ("BR-DE-15", "/buyer_reference"),
    ]
    assert api.post(f"/invoices/{draft_for(api)}/finalize").ok()["number"] == "INV-2026-000001"


def test_an_e_invoice_needs_no_more_round_trips(api: Client, einvoicing: None, aws: AwsCalls) -> None:
    draft = draft_to(api, {"einvoice_format": "xrechnung", "leitweg_id": "04011000-1234512345-06"})
    with aws.only("finalize_invoice") as calls:
        assert api.post(f"/invoices/{draft}/finalize").ok()["einvoice_format"] == "xrechnung"
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}


def test_the_format_of_the_customer_precedes_the_tenants(api: Client, einvoicing: None) -> None:
    api.patch("/tenant", {"einvoice_format": "zugferd"}).ok()
    by_default = api.post(f"/invoices/{draft_to(api, {})}/finalize").ok()
    by_wish = api.post(f"/invoices/{draft_to(api, {'einvoice_format': 'none'})}/finalize").ok()
    assert (by_default["einvoice_format"], set(by_default["files"])) == ("zugferd", {"pdf", "xml"})
    assert (by_wish["einvoice_format"], set(by_wish["files"])) == ("none", {"pdf"})


def test_an_old_draft_with_a_repeated_line_id_is_refused(api: Client, tenant: Tenant) -> None:
    draft = draft_for(api, lines=[line_json(), line_json(name="Öl")])
    store = Store(Session(Caller.system(tenant.id), NOON))
    stored = store.get(Invoice, draft)
    store.commit(Recorded(stored.model_copy(update={"lines": stored.lines[:1] * 2}), InvoiceUpdated()))
    answer = api.post(f"/invoices/{draft}/finalize")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/lines/1/id")
    assert api.post(f"/invoices/{draft_for(api)}/finalize").ok()["number"] == "INV-2026-000001"


def test_a_german_invoice_over_250_needs_its_service_date(api: Client) -> None:
    api.patch("/tenant", {"service_date_is_issue_date": False}).ok()
    draft = draft_for(api, lines=[line_json(unit_price="125.00")])
    refused = api.post(f"/invoices/{draft}/finalize")
    assert (refused.status, refused.code) == (422, "LEGAL_CONTENT_MISSING")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/service_period"]
    api.patch("/tenant", {"service_date_is_issue_date": True}).ok()
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    assert issued["number"] == "INV-2026-000001"
    assert issued["service_period"] == {"start": "2026-03-10", "end": "2026-03-10"}


def test_an_invoice_without_payment_details_has_a_warning(api: Client) -> None:
    api.patch("/tenant", {"legal_information": "Amtsgericht Hamburg, HRB 4711"}).ok()
    assert api.post(f"/invoices/{draft_for(api)}/finalize").ok()["warnings"] == []
    api.patch("/tenant", {"bank_accounts": []}).ok()
    draft = draft_for(api)
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    assert [warning["code"] for warning in issued["warnings"]] == ["NO_PAYMENT_MEANS"]
    assert api.get(f"/invoices/{draft}").ok()["warnings"] == issued["warnings"]


def test_unprintable_text_is_refused_and_uses_no_number(api: Client) -> None:
    draft = draft_to(api, {"name": "บริษัท ไทย"})
    refused = api.post(f"/invoices/{draft}/finalize")
    assert (refused.status, refused.code) == (422, "NOT_PRINTABLE")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/customer/name"]
    assert api.post(f"/invoices/{draft_for(api)}/finalize").ok()["number"] == "INV-2026-000001"


def test_the_files_of_an_issued_document_are_frozen(api: Client) -> None:
    issued = issued_with_files(api, draft_for(api))
    [note] = {one["note_id"] for one in issued["attachments"]}
    shown = api.get(f"/invoices/{issued['id']}/notes/{note}").ok()
    assert [file["attached"] for file in shown["files"]] == [True, True]
    assert [one["sha256"] for one in issued["attachments"]] == [file["sha256"] for file in shown["files"]]
    assert api.patch(f"/invoices/{issued['id']}", {"attachments": []}).code == "INVALID_STATE"
    assert api.get(f"/invoices/{issued['id']}").ok()["attachments"] == issued["attachments"]


def test_a_deleted_file_stops_the_issue(api: Client) -> None:
    draft = draft_for(api)
    kept, gone = with_files(api, draft, SHEET)[0], with_files(api, draft, ("b.pdf", PDF, "application/pdf"))[0]
    api.patch(f"/invoices/{draft}", {"attachments": [kept, gone]}).ok()
    api.delete(f"/invoices/{draft}/notes/{gone['note_id']}").ok(204)
    refused = api.post(f"/invoices/{draft}/finalize")
    assert (refused.status, refused.code) == (422, "ATTACHMENT_NOT_ALLOWED")
    [error] = refused.json["errors"]
    assert (error["pointer"], error["code"]) == ("/attachments/1/note_id", "FILE_NOT_FOUND")
    api.patch(f"/invoices/{draft}", {"attachments": [kept]}).ok()
    assert api.post(f"/invoices/{draft}/finalize").ok()["number"] == "INV-2026-000001"


def test_a_harmful_file_stops_the_issue(api: Client) -> None:
    draft = draft_for(api)
    [chosen] = with_files(api, draft, SHEET)
    api.patch(f"/invoices/{draft}", {"attachments": [chosen]}).ok()
    file = api.get(f"/invoices/{draft}/notes/{chosen['note_id']}").ok()["files"][0]
    assert deliver_raw("quarantine_file", tagged(api.tenant_id, file)) == []
    [error] = api.post(f"/invoices/{draft}/finalize").json["errors"]
    assert (error["pointer"], error["code"]) == ("/attachments/0/file_id", "FILE_NOT_READY")
    assert "malware" in error["message"]


def test_a_file_that_has_not_arrived_cannot_be_attached(api: Client) -> None:
    draft = draft_for(api)
    path, upload = note_with_upload(api, draft)
    chosen = {"note_id": path.rpartition("/")[2], "file_id": upload["id"]}
    [error] = api.patch(f"/invoices/{draft}", {"attachments": [chosen]}).json["errors"]
    assert (error["code"], error["message"]) == ("FILE_NOT_READY", "The file is pending.")


def test_a_note_deleted_meanwhile_stops_the_issue(api: Client) -> None:
    draft = draft_for(api)
    [chosen] = with_files(api, draft, SHEET)
    api.patch(f"/invoices/{draft}", {"attachments": [chosen]}).ok()
    with meanwhile(lambda: api.delete(f"/invoices/{draft}/notes/{chosen['note_id']}").ok(204)):
        refused = api.post(f"/invoices/{draft}/finalize")
    assert (refused.status, refused.code) == (422, "ATTACHMENT_NOT_ALLOWED")
    assert api.get(f"/invoices/{draft}").ok()["status"] == "draft"
    assert api.post(f"/invoices/{draft_for(api)}/finalize").ok()["number"] == "INV-2026-000001"


def test_the_form_is_that_of_document_customer_or_tenant(api: Client) -> None:
    """E10: the choice of the document precedes that of the customer, which precedes that of the tenant."""
    own, theirs, ours = (
        api.post("/document-forms", {"name": name}).ok(201)["id"] for name in ("own", "theirs", "ours")
    )
    api.patch("/tenant", {"form_id": ours}).ok()
    plain, with_form = (api.post("/customers", customer_json(form_id=one)).ok(201)["id"] for one in (None, theirs))
    chosen = []
    for customer, form in ((with_form, own), (with_form, None), (plain, None)):
        draft = api.post("/invoices", invoice_json(customer_id=customer, form_id=form)).ok(201)
        assert draft["form"] is None
        chosen.append(api.post(f"/invoices/{draft['id']}/finalize").ok()["form"]["name"])
    assert chosen == ["own", "theirs", "ours"]


def test_a_form_adds_one_read_and_a_tenant_without_forms_none(api: Client, aws: AwsCalls) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    form = api.post("/document-forms", {"name": "A"}).ok(201)["id"]
    reads = []
    for chosen in (None, form):
        draft = api.post("/invoices", invoice_json(customer_id=customer, form_id=chosen)).ok(201)["id"]
        with aws.only("finalize_invoice") as calls:
            api.post(f"/invoices/{draft}/finalize").ok()
        reads.append(calls.names["dynamodb:BatchGetItem"] + calls.names["dynamodb:GetItem"])
    assert reads[1] == reads[0] + 1
