"""POST /document-forms: E10."""

from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.events import details
from tests.gateway import Client

FORM: dict[str, Any] = {
    "name": "Bremen branch",
    "accent_color": "#0a5aa0",
    "columns": ["quantity", "unit_price"],
    "footer": "Our general terms apply.",
    "texts": [
        {"type": "invoice", "language": "de", "introduction": "Guten Tag", "note": None, "closing": "Danke"},
        {"type": "credit_note", "language": "de", "introduction": None, "note": None, "closing": "Gern wieder"},
    ],
}


def test_a_form_is_stored_as_given(api: Client, aws: AwsCalls) -> None:
    answer = api.post("/document-forms", FORM)
    form = answer.ok(201)
    assert FORM.items() <= form.items()
    assert (form["object"], form["show_company"], form["logo"], form["letterhead"]) == ("document_form", True, None, [])
    assert answer.headers["Location"] == f"/v1/document-forms/{form['id']}"
    assert aws.names["dynamodb:TransactWriteItems"] == 1
    [event] = details("document_form.created")
    assert (event["resource"]["id"], event["data"]["object"]["name"]) == (form["id"], "Bremen branch")
    assert api.get(f"/document-forms/{form['id']}").ok() == form


def test_a_name_belongs_to_one_form(api: Client, stranger: Client) -> None:
    api.post("/document-forms", FORM).ok(201)
    refused = api.post("/document-forms", {"name": "Bremen branch"})
    assert (refused.status, refused.code) == (409, "FORM_NAME_TAKEN")
    assert refused.json["errors"][0]["pointer"] == "/name"
    stranger.post("/document-forms", FORM).ok(201)


def test_a_repeated_request_creates_one_form(api: Client) -> None:
    first, again = (api.post("/document-forms", FORM, headers={"Idempotency-Key": "f"}) for _ in range(2))
    assert first.ok(201) == again.ok(201)
    assert len(api.get("/document-forms").ok()["data"]) == 1


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("accent_color", "#f0c000", "/accent_color"),
        ("accent_color", "blue", "/accent_color"),
        ("columns", ["amount"], "/columns/0"),
        ("footer", "x" * 301, "/footer"),
        ("footer", "a\nb\nc\nd\ne\nf\ng", "/footer"),
        ("texts", [{"language": "xx"}], "/texts/0/language"),
        ("texts", [{"language": "de"}, {"language": "de"}], ""),
        ("columns", ["tax", "tax"], ""),
        ("show_company", False, "/show_company"),
    ],
)
def test_an_unsound_design_is_refused_with_a_pointer(api: Client, field: str, value: Any, pointer: str) -> None:
    refused = api.post("/document-forms", {"name": "x", field: value})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, pointer)


def test_texts_that_no_font_has_are_refused(api: Client) -> None:
    refused = api.post("/document-forms", {"name": "x", "texts": [{"language": "de", "note": "ไทย"}]})
    assert (refused.code, refused.json["errors"][0]["pointer"]) == ("NOT_PRINTABLE", "/texts/0/note")
