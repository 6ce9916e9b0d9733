"""POST /invoices/{invoice_id}/credit: A22."""

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from invoicing.aws.files import read as read_file
from invoicing.invoices.model import Invoice
from invoicing.settlement.credit import Credited
from invoicing.settlement.table import credited_of
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from tests.attachments import SCAN, SHEET, with_files
from tests.aws import AwsCalls, seed
from tests.builders import MARK, customer_json, invoice_json, line_json
from tests.catalogue import TIERS, new_price
from tests.events import deliver, details
from tests.forms import PDF
from tests.functions.invoices.test_get_invoice_xml import LEITWEG_ID, contained, issued_to
from tests.gateway import Client
from tests.pdf_files import embedded
from tests.validators import findings

Read = Callable[[str], dict[str, Any]]


def credit(api: Client, invoice: dict[str, Any], **body: object) -> dict[str, Any]:
    found: dict[str, Any] = api.post(f"/invoices/{invoice['id']}/credit", body).ok(201)
    return found


def test_a_credit_note_copies_parties_and_has_its_own_number(api: Client, issued: dict[str, Any], read: Read) -> None:
    answer = api.post(f"/invoices/{issued['id']}/credit", {"reason": "order_change", "comment": "Zu viel geliefert"})
    note = answer.ok(201)
    assert (note["type"], note["number"], note["total"], note["due"]) == (
        "credit_note",
        "CN-2026-000001",
        "119.00",
        "0.00",
    )
    assert (note["customer"], note["seller"]) == (issued["customer"], issued["seller"])
    assert note["references"] == [{"invoice_id": issued["id"], "number": issued["number"], "issue_date": "2026-03-10"}]
    assert (note["credit_reason"], note["status"], note["due_date"]) == ("order_change", "paid", None)
    assert answer.headers["Location"] == f"/v1/invoices/{note['id']}"
    after = read(issued["id"])
    assert (after["credited"], after["due"], after["credit_note_ids"]) == ("119.00", "0.00", [note["id"]])
    assert (after["status"], after["close_reason"], after["payment_status"]) == ("closed", "credited", "unpaid")
    assert (after["lines"], after["total"]) == (issued["lines"], "119.00")
    entries = api.get(f"/invoices/{issued['id']}/comments?action_key=CREATE_CREDIT_NOTE").ok()["data"]
    assert [entry["comment"] for entry in entries] == ["Zu viel geliefert"]


def test_a_credit_of_a_paid_invoice_is_due_for_refund(api: Client, issued: dict[str, Any], read: Read) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00"}).ok(201)
    credit(api, issued, amount="19.00")
    after = read(issued["id"])
    assert (after["status"], after["credited"], after["refund_due"], after["due"]) == ("paid", "19.00", "19.00", "0.00")
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00", "type": "refund"}).ok(201)
    after = read(issued["id"])
    assert (after["paid"], after["refunded"], after["refund_due"]) == ("100.00", "19.00", "0.00")


def test_a_credit_over_the_rest_makes_a_partly_paid_invoice_paid(
    api: Client, issued: dict[str, Any], read: Read
) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "100.00"}).ok(201)
    credit(api, issued, amount="19.00")
    after = read(issued["id"])
    assert (after["status"], after["payment_status"], after["due"]) == ("paid", "paid", "0.00")


def test_lines_are_credited_by_quantity_amount_or_whole(api: Client, read: Read) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    lines = [line_json(quantity="10", unit_price="10.00"), line_json(name="Öl", tax={"category": "S", "rate": "7"})]
    draft = invoice_json(
        customer_id=customer,
        lines=lines,
        discount={"percent": "10"},
        shipping={"amount": "5.00", "tax": lines[0]["tax"]},
    )
    invoice = api.post(f"/invoices/{api.post('/invoices', draft).ok(201)['id']}/finalize").ok()
    first, second = (line["id"] for line in invoice["lines"])
    note = credit(api, invoice, lines=[{"line_id": first, "quantity": 3}])
    assert (note["subtotal"], note["discount_amount"], note["tax"], note["total"]) == ("30.00", "3.00", "5.13", "32.13")
    assert [(line["id"], line["quantity"], line["unit_price"]) for line in note["lines"]] == [(first, "3", "10.00")]
    note = credit(api, invoice, lines=[{"line_id": "shipping"}, {"line_id": second, "amount": "50.00"}])
    assert (note["shipping_cost"], note["subtotal"], note["discount_amount"]) == ("5.00", "50.00", "5.00")
    rest = credit(api, invoice)
    assert [(line["id"], line["quantity"], line["net"]) for line in rest["lines"]] == [
        (first, "7", "70.00"),
        (second, "2", "50.00"),
    ]
    assert read(invoice["id"])["credited"] == invoice["total"]


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"amount": "119.01"}, 422, "CREDIT_EXCEEDS_INVOICE", "/amount"),
        ({"lines": [{"line_id": "{line}", "quantity": "2.01"}]}, 422, "CREDIT_EXCEEDS_INVOICE", "/lines/0/quantity"),
        ({"lines": [{"line_id": "{line}", "amount": "100.01"}]}, 422, "CREDIT_EXCEEDS_INVOICE", "/lines/0/amount"),
        ({"lines": [{"line_id": "shipping", "amount": "1.00"}]}, 422, "CREDIT_EXCEEDS_INVOICE", "/lines/0/amount"),
        ({"lines": [{"line_id": "{line}", "amount": "0.001"}]}, 400, "VALIDATION_ERROR", "/lines/0/amount"),
        ({"lines": [{"line_id": "{line}", "quantity": 0}]}, 400, "VALIDATION_ERROR", "/lines/0/quantity"),
        ({"lines": [{"line_id": "{line}", "quantity": 1, "amount": "1.00"}]}, 400, "VALIDATION_ERROR", "/lines/0"),
        ({"lines": [{"line_id": "{line}"}, {"line_id": "{line}"}]}, 400, "VALIDATION_ERROR", "/lines/1/line_id"),
        ({"lines": [], "amount": "1.00"}, 400, "VALIDATION_ERROR", "/lines"),
        ({"amount": 1}, 400, "INVALID_TYPE", "/amount"),
        ({"reason": "whim"}, 400, "VALIDATION_ERROR", "/reason"),
    ],
)
def test_a_refused_credit_has_a_pointer_and_uses_no_number(
    api: Client, issued: dict[str, Any], body: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    for part in body.get("lines", []):
        part["line_id"] = part["line_id"].replace("{line}", issued["lines"][0]["id"])
    answer = api.post(f"/invoices/{issued['id']}/credit", body)
    assert (answer.status, answer.code, answer.json["errors"][0]["pointer"]) == (status, code, pointer)
    assert credit(api, issued)["number"] == "CN-2026-000001"


def test_an_invoice_credited_in_full_cannot_be_credited(api: Client, issued: dict[str, Any]) -> None:
    credit(api, issued)
    answer = api.post(f"/invoices/{issued['id']}/credit")
    assert (answer.status, answer.code) == (422, "CREDIT_EXCEEDS_INVOICE")


def test_a_credit_note_cannot_be_credited(api: Client, issued: dict[str, Any]) -> None:
    note = credit(api, issued, amount="1.00")
    answer = api.post(f"/invoices/{note['id']}/credit")
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert set(answer.json["allowed_actions"]) >= {"cancel", "comment"}
    assert "credit" not in answer.json["allowed_actions"]


def test_a_credit_reduces_the_cash_discount(api: Client, issued: dict[str, Any], read: Read) -> None:
    """The credit of half an invoice that was paid with 2 % off refunds half the payment."""
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "116.62", "cash_discount": "2.38"}).ok(201)
    credit(api, issued, amount="59.50")
    after = read(issued["id"])
    assert (after["cash_discount_taken"], after["refund_due"], after["status"]) == ("1.19", "58.31", "paid")


def test_a_repeated_request_credits_once(api: Client, issued: dict[str, Any], read: Read) -> None:
    headers = {"Idempotency-Key": "c"}
    first, again = (
        api.post(f"/invoices/{issued['id']}/credit", {"amount": "10.00"}, headers=headers) for _ in range(2)
    )
    assert (again.ok(201), again.headers["Idempotency-Replayed"]) == (first.ok(201), "true")
    assert read(issued["id"])["credited"] == "10.00"


def test_it_takes_three_round_trips_and_reads_no_lines(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    with aws.only("credit_invoice") as calls:
        credit(api, issued, amount="10.00")
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}
    items = [one["Put"]["Item"] for one in calls.calls[-1].params["TransactItems"] if "Put" in one]
    bodies = [item for item in items if item["SK"]["S"].startswith("#BODY")]
    assert not [item for item in bodies if issued["id"] in item["PK"]["S"]]


def test_closed_books_accept_no_credit_note(api: Client, issued: dict[str, Any], tenant: Tenant) -> None:
    seed(tenant.id, tenant.model_copy(update={"books_closed_until": date(2026, 3, 10)}))
    answer = api.post(f"/invoices/{issued['id']}/credit")
    assert (answer.status, answer.code) == (422, "DATE_NOT_ALLOWED")


def test_a_credit_note_may_have_an_issue_date(api: Client, read: Read) -> None:
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, issue_date="2026-02-01")).ok(201)
    invoice = api.post(f"/invoices/{draft['id']}/finalize").ok()
    for day, message in (
        ("2026-03-11", "The issue date is in the future."),
        ("2026-01-31", "The credit note would be older than its invoice."),
    ):
        answer = api.post(f"/invoices/{invoice['id']}/credit", {"amount": "1.19", "issue_date": day})
        assert (answer.status, answer.code) == (422, "DATE_NOT_ALLOWED")
        assert answer.json["errors"][0] == {"pointer": "/issue_date", "code": "DATE_NOT_ALLOWED", "message": message}
    note = credit(api, invoice, amount="1.19", issue_date="2026-02-15")
    assert (note["issue_date"], note["number"]) == ("2026-02-15", "CN-2026-000001")
    api.patch("/tenant", {"books_closed_until": "2026-02-28"}).ok()
    closed = api.post(f"/invoices/{invoice['id']}/credit", {"amount": "1.19", "issue_date": "2026-02-20"})
    assert closed.code == "DATE_NOT_ALLOWED"
    assert read(invoice["id"])["credited"] == "1.19"


@pytest.mark.parametrize(
    ("documents", "rule", "pointer"),
    [
        ([], "GR-R-004-1", "/supporting_documents"),
        ([{**MARK, "reference": "M-1"}], "GR-R-004-2", "/supporting_documents/0/reference"),
        ([MARK, {"reference": "ไ"}], "UNPRINTABLE_CHARACTER", "/supporting_documents/1/reference"),
    ],
)
def test_a_greek_credit_note_without_its_mark_uses_no_number(
    api: Client, greek: dict[str, Any], documents: list[dict[str, str]], rule: str, pointer: str
) -> None:
    refused = api.post(f"/invoices/{greek['id']}/credit", {"amount": "10.00", "supporting_documents": documents})
    assert refused.status == 422
    assert [(one["code"], one["pointer"]) for one in refused.json["errors"]] == [(rule, pointer)]
    note = credit(api, greek, amount="10.00", supporting_documents=[MARK])
    assert note["number"] == "094259216|10/03/2026|0|5.1|C|1"
    xml = api.get(f"/invoices/{note['id']}/xml")
    assert (xml.status, MARK["reference"] in xml.text) == (200, True)


def test_a_credit_note_needs_the_number_that_peppol_requires(api: Client, greek: dict[str, Any]) -> None:
    api.patch("/tenant", {"number_series": {"credit_note": {"pattern": "CN-{yyyy}-{n}"}}}).ok()
    refused = api.post(f"/invoices/{greek['id']}/credit", {"supporting_documents": [MARK]})
    assert [(one["code"], one["pointer"]) for one in refused.json["errors"]] == [
        ("GR-R-001-1", "/seller/number_series")
    ]


def test_notes_of_a_credit_note_follow_the_rules_of_its_format(api: Client, greek: dict[str, Any]) -> None:
    notes, mark = [{"text": "x"}, {"text": "y", "subject_code": "QQQ"}], {"supporting_documents": [MARK]}
    refused = api.post(f"/invoices/{greek['id']}/credit", {"notes": notes, **mark})
    assert refused.status == 422
    assert [(one["code"], one["pointer"]) for one in refused.json["errors"]] == [("BR-CL-08", "/notes/1/subject_code")]
    note = credit(api, greek, notes=[{"text": "REKLA-17", "subject_code": "ADU"}], **mark)
    assert note["number"].endswith("|5.1|C|1")
    assert "REKLA-17" in api.get(f"/invoices/{note['id']}/xml").text


def test_an_invoice_older_than_a_rule_can_be_credited(api: Client, older_than_a_rule: dict[str, Any]) -> None:
    assert credit(api, older_than_a_rule, amount="10.00")["number"].endswith("|5.1|C|1")


def test_a_credit_during_a_cancellation_is_refused_for_the_state(
    api: Client, issued: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The credits are read after the invoice: an answer made of both would fit no state of it."""
    path = f"/invoices/{issued['id']}"
    api.post(f"{path}/credit", {"amount": "1.00"}).ok(201)
    pending = [f"{path}/cancel"]

    def read(store: Store, invoice: Invoice) -> tuple[Credited, ...]:
        if pending:
            api.post(pending.pop()).ok()
        return credited_of(store, invoice)

    monkeypatch.setattr(sys.modules["functions.invoices.credit_invoice"], "credited_of", read)
    refused = api.post(f"{path}/credit", {"amount": "1.00"})
    assert (refused.status, refused.code) == (409, "INVALID_STATE")


def test_credits_of_priced_lines_add_up_to_the_invoice(api: Client) -> None:
    price = new_price(api, **TIERS, minimum={"EUR": "500.00"})
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    lines = [{"price_id": price, "quantity": "12.5"}]
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=lines)).ok(201)
    invoice = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert [line["net"] for line in invoice["lines"]] == ["100.00", "20.00", "380.00"]
    of_tier = invoice["lines"][1]["id"]
    first = credit(api, invoice, lines=[{"line_id": of_tier, "quantity": "1"}])
    rest = credit(api, invoice)
    assert [(line["price_id"], line["price_tier"], line["net"]) for line in first["lines"]] == [(price, 2, "8.00")]
    assert [(line["price_tier"], line["net"]) for line in rest["lines"]] == [
        (1, "100.00"),
        (2, "12.00"),
        (None, "380.00"),
    ]
    assert (first["total"], rest["total"], invoice["total"]) == ("9.52", "585.48", "595.00")


def test_a_credit_note_contains_files_of_its_invoice(api: Client, tenant: Tenant, einvoicing: None) -> None:
    api.patch("/tenant", {"einvoice_format": "zugferd"}).ok()
    customer = {"electronic_address": {"scheme": "0204", "id": LEITWEG_ID}, "leitweg_id": LEITWEG_ID}
    invoice = api.get(f"/invoices/{issued_to(api, **customer)}").ok()
    sheet, scan = with_files(api, invoice["id"], SHEET, SCAN)
    chosen = [{**scan, "description": "Rücksendung", "reference": "R-1"}, sheet]
    note = credit(api, invoice, amount="19.00", attachments=chosen)
    facts = [(one["name"], one["reference"], one["note_id"], one["invoice_id"]) for one in note["attachments"]]
    assert facts == [
        ("Lieferschein.pdf", "R-1", scan["note_id"], invoice["id"]),
        ("Stunden.csv", None, sheet["note_id"], invoice["id"]),
    ]
    assert deliver("render_document", *details("invoice.finalized")) == []
    files = api.get(f"/invoices/{note['id']}").ok()["files"]
    pdf, xml = (read_file(tenant.id, files[kind]["id"], files[kind]["sha256"]) for kind in ("pdf", "xml"))
    assert embedded(pdf) == {"factur-x.xml": xml, "Stunden.csv": SHEET[1], "Lieferschein.pdf": PDF}
    ubl = api.get(f"/invoices/{note['id']}/xml?format=peppol").text.encode("latin-1")
    assert [(name, content) for name, _, content in contained(ubl)] == [(SCAN[0], PDF), (SHEET[0], SHEET[1])]
    assert [one for one in findings(ubl, "peppol") if one.fatal] == []
    kept = api.delete(f"/invoices/{invoice['id']}/notes/{sheet['note_id']}")
    assert (kept.status, kept.code) == (409, "FILE_ATTACHED")
    assert api.get(f"/invoices/{invoice['id']}").ok()["attachments"] == []


def test_a_credit_note_with_a_wrong_file_uses_no_number(api: Client, issued: dict[str, Any]) -> None:
    [other] = with_files(api, api.post("/invoices", invoice_json()).ok(201)["id"], SHEET)
    [sheet] = with_files(api, issued["id"], SHEET)
    refused = api.post(f"/invoices/{issued['id']}/credit", {"attachments": [other, sheet, sheet]})
    assert (refused.status, refused.code) == (422, "ATTACHMENT_NOT_ALLOWED")
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [
        ("/attachments/0/note_id", "FILE_NOT_FOUND"),
        ("/attachments/2/file_id", "BR-DE-22"),
    ]
    refused = api.post(f"/invoices/{issued['id']}/credit", {"attachments": [{**sheet, "description": "ไ"}]})
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("NOT_PRINTABLE", "/attachments/0/description")
    assert credit(api, issued)["number"] == "CN-2026-000001"
