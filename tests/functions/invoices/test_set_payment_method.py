"""PUT /invoices/{invoice_id}/payment-method: A22, B29."""

from typing import Any

import pytest

from invoicing.rendering import pages
from tests.builders import invoice_json
from tests.events import deliver, details
from tests.gateway import Client

MANDATE = {"reference": "M-7", "iban": "DE75512108001245126199", "signed_on": "2026-01-02"}


def test_a_transfer_goes_to_one_of_the_tenants_accounts(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    path = f"/invoices/{draft}/payment-method"
    changed = api.put(path, {"method": "bank_transfer", "bank_account_id": "main"}).ok()
    assert (changed["payment_method"], changed["bank_account_id"]) == ("bank_transfer", "main")
    answer = api.put(path, {"method": "bank_transfer", "bank_account_id": "theirs"})
    assert (answer.status, answer.code) == (404, "BANK_ACCOUNT_NOT_FOUND")
    assert answer.json["errors"][0]["pointer"] == "/bank_account_id"
    for answer in (api.patch(f"/invoices/{draft}", {"bank_account_id": "theirs"}),
                   api.post("/invoices", invoice_json(bank_account_id="theirs"))):  # fmt: skip
        assert answer.code == "BANK_ACCOUNT_NOT_FOUND"


def test_leaving_direct_debit_removes_the_mandate(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    path = f"/invoices/{draft}/payment-method"
    assert api.put(path, {"method": "sepa_direct_debit", "mandate": MANDATE}).ok()["mandate"] == MANDATE
    assert api.get(f"/invoices/{draft}").ok()["mandate"] == MANDATE
    paid_in_cash = api.put(path, {"method": "cash"}).ok()
    assert (paid_in_cash["payment_method"], paid_in_cash["mandate"]) == ("cash", None)
    assert api.get(f"/invoices/{draft}").ok() == paid_in_cash


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"method": "gold"},
        {"method": "sepa_direct_debit"},
        {"method": "card", "mandate": MANDATE},
        {"method": "cash", "bank_account_id": "main"},
        {"method": "sepa_direct_debit", "mandate": {**MANDATE, "iban": "DE75 5121"}},
    ],
)
def test_an_inconsistent_payment_method_is_refused(api: Client, body: dict[str, Any]) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    answer = api.put(f"/invoices/{draft}/payment-method", body)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("field", "value", "method", "fits"),
    [
        ("mandate", MANDATE, None, "sepa_direct_debit"),
        ("mandate", MANDATE, "cash", "sepa_direct_debit"),
        ("card", {"last_digits": "4242"}, "bank_transfer", "card"),
        ("bank_account_id", "main", "card", "bank_transfer"),
        ("bank_account_id", "main", "sepa_direct_debit", "cash"),
    ],
)
def test_a_draft_has_no_details_of_another_method(
    api: Client, field: str, value: Any, method: str | None, fits: str
) -> None:
    draft = api.post("/invoices", invoice_json(payment_method=method)).ok(201)["id"]
    for answer in (
        api.post("/invoices", invoice_json(payment_method=method, **{field: value})),
        api.patch(f"/invoices/{draft}", {field: value}),
    ):
        [error] = answer.json["errors"]
        assert (answer.status, error["pointer"]) == (400, f"/{field}")
        assert "BT-" in error["message"]
        assert "BR-DE-" in error["message"]
    changed = api.patch(f"/invoices/{draft}", {"payment_method": fits, field: value}).ok()
    assert changed["payment_method"] == fits
    # A change of the method alone keeps the details of the other one, which no document states.
    assert api.patch(f"/invoices/{draft}", {"payment_method": method}).ok()["payment_method"] == method
    assert api.patch(f"/invoices/{draft}", {"title": "Wartung"}).ok()["title"] == "Wartung"


def test_a_code_that_fits_the_method_is_kept_and_another_refused(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    path = f"/invoices/{draft}/payment-method"
    stated = {"payment_means_code": "54", "payment_means_text": "Credit card"}
    changed = api.put(path, {"method": "card", **stated}).ok()
    assert {name: changed[name] for name in stated} == stated
    for answer in (
        api.put(path, {"method": "card", "payment_means_code": "58"}),
        api.patch(f"/invoices/{draft}", {"payment_means_code": "58"}),
        api.post("/invoices", invoice_json(payment_means_code="10")),
    ):
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/payment_means_code")


def test_the_issued_document_keeps_its_payment_method(
    api: Client, issued: dict[str, Any], pdf_texts: list[Any]
) -> None:
    path = f"/invoices/{issued['id']}/payment-method"
    changed = api.put(path, {"method": "sepa_direct_debit", "mandate": MANDATE}).ok()
    assert (changed["payment_method"], changed["mandate"]) == ("sepa_direct_debit", MANDATE)
    assert changed["pay_by"] == issued["pay_by"]
    assert set(issued["pay_by"].values()) == {None}
    deliver("render_document", *details("invoice.finalized"))
    [printed] = pdf_texts
    assert (printed.payment_method, printed.mandate) == (None, None)


def test_a_settled_invoice_keeps_its_payment_method(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": issued["due"]}).ok(201)
    answer = api.put(f"/invoices/{issued['id']}/payment-method", {"method": "cash"})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert "set_payment_method" not in answer.json["allowed_actions"]
    assert "refund" in answer.json["allowed_actions"]


@pytest.fixture
def pdf_texts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The data from which documents are rendered."""
    seen: list[Any] = []

    def render(document: Any, **_: object) -> bytes:
        seen.append(document)
        return b"%PDF-1.7"

    monkeypatch.setattr(pages, "render_pdf", render)
    return seen
