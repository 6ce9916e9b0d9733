"""GET /invoices/{invoice_id}/preview: the document that a draft would become."""

import io
from typing import Any

import pikepdf
import pytest

from invoicing.aws.files import read
from invoicing.http import responses
from tests.attachments import SCAN, SHEET, with_files
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json, line_json
from tests.forms import PDF
from tests.gateway import Client, Response
from tests.logos import base64_of, pictures, png
from tests.pdf_files import embedded
from tests.unit.test_pdf import text_of
from tests.uploads import keys


def titled(answer: Response) -> str:
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.text.encode("latin-1"))) as pdf:
        return str(pdf.docinfo["/Title"])


def test_a_preview_shows_the_issued_form_and_changes_nothing(api: Client, aws: AwsCalls) -> None:
    customer = api.post("/customers", customer_json()).ok(201)
    draft = api.post("/invoices", invoice_json(customer_id=customer["id"])).ok(201)
    with aws.only("preview_invoice") as calls:
        answer = api.get(f"/invoices/{draft['id']}/preview")
    assert titled(answer) == "Rechnung"
    assert answer.headers["Content-Disposition"] == (
        f"inline; filename=\"{draft['id']}.pdf\"; filename*=UTF-8''{draft['id']}.pdf"
    )
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1}
    assert api.get(f"/invoices/{draft['id']}").ok() == draft


def test_a_preview_too_large_for_a_response_is_redirected_to(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    monkeypatch.setattr(responses, "MOST_BYTES", 1_000)
    answer = api.get(f"/invoices/{draft['id']}/preview")
    assert (answer.status, answer.text) == (303, "")
    [key] = keys(api.tenant_id)
    assert key in answer.headers["Location"]
    assert read(*key.split("/")).startswith(b"%PDF-")


def test_the_logo_of_the_tenant_is_printed(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    api.put("/tenant/logo", {"image": base64_of(png(300, 90))}).ok()
    assert pictures(api.get(f"/invoices/{draft['id']}/preview").text.encode("latin-1")) == [(300, 90)]


@pytest.mark.parametrize("body", [{}, {"customer": {"name": "Eine AG"}}, {"lines": [], "title": "Entwurf 1"}])
def test_missing_fields_are_left_out_of_the_preview(api: Client, body: dict[str, Any]) -> None:
    draft = api.post("/invoices", body).ok(201)
    assert titled(api.get(f"/invoices/{draft['id']}/preview")) == "Rechnung"


def test_an_issued_document_has_no_preview(api: Client, issued: dict[str, Any]) -> None:
    answer = api.get(f"/invoices/{issued['id']}/preview")
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert "create_download_link" in answer.json["allowed_actions"]


def test_a_draft_of_another_tenant_has_no_preview(api: Client, stranger: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    assert stranger.get(f"/invoices/{draft['id']}/preview").code == "INVOICE_NOT_FOUND"


def test_a_draft_that_cannot_be_rendered_is_refused(api: Client) -> None:
    lines = [line_json(unit_price="0.01", description="x\n" * 200 + "x") for _ in range(100)]
    draft = api.post("/invoices", invoice_json(lines=lines)).ok(201)
    assert [(one["pointer"], one["code"]) for one in draft["warnings"]] == [("/lines", "TEXT_TOO_LONG")]
    refused = api.get(f"/invoices/{draft['id']}/preview")
    assert (refused.status, refused.code) == (422, "NOT_PRINTABLE")


def test_a_preview_shows_unprintable_text_by_code_point(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(note="ไทย")).ok(201)
    assert [warning["pointer"] for warning in draft["warnings"]] == ["/note"]
    assert "[U+0E44]" in text_of(api.get(f"/invoices/{draft['id']}/preview").text.encode("latin-1"))


def test_a_preview_contains_and_names_the_files_of_the_draft(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(language="de")).ok(201)["id"]
    sheet, scan = with_files(api, draft, SHEET, SCAN)
    api.patch(f"/invoices/{draft}", {"attachments": [sheet, {**scan, "description": "Wareneingang"}]}).ok()
    pdf = api.get(f"/invoices/{draft}/preview").text.encode("latin-1")
    assert embedded(pdf) == {"Stunden.csv": SHEET[1], "Lieferschein.pdf": PDF}
    shown = text_of(pdf)
    assert ("Stunden.csv" in shown, "Wareneingang" in shown) == (True, True)
    api.delete(f"/invoices/{draft}/notes/{sheet['note_id']}").ok(204)
    refused = api.get(f"/invoices/{draft}/preview")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/attachments/0/note_id")
