"""PUT /document-forms/{form_id}/letterhead"""

import pytest

from functions.document_forms import set_form_letterhead
from tests.aws import AwsCalls
from tests.builders import customer_json, invoice_json
from tests.events import deliver, deliver_raw, details
from tests.gateway import Client
from tests.letterheads import letterhead
from tests.logos import base64_of
from tests.pdf_files import broken_rules
from tests.races import meanwhile
from tests.uploads import keys, stored


@pytest.fixture
def form(api: Client) -> str:
    return str(api.post("/document-forms", {"name": "A"}).ok(201)["id"])


def test_documents_are_printed_on_the_letterhead(api: Client, form: str) -> None:
    path = f"/document-forms/{form}"
    shown = api.put(f"{path}/letterhead", {"file": base64_of(letterhead(pages=2))}).ok()
    assert len(shown["letterhead"]) == 2
    api.patch(path, {"show_company": False}).ok()
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, form_id=form)).ok(201)["id"]
    preview = api.get(f"/invoices/{draft}/preview").text.encode("latin-1")
    assert broken_rules(preview) == []
    issued = api.post(f"/invoices/{draft}/finalize").ok()
    assert issued["form"]["letterhead"] == shown["letterhead"]
    deliver("render_document", *details("invoice.finalized"))
    assert api.get(f"/invoices/{draft}").ok()["files"]["pdf"]["status"] == "available"


def test_the_letterhead_can_be_removed(api: Client, form: str) -> None:
    path = f"/document-forms/{form}"
    api.put(f"{path}/letterhead", {"file": base64_of(letterhead())}).ok()
    api.patch(path, {"show_company": False}).ok()
    refused = api.put(f"{path}/letterhead", {"file": None})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/show_company")
    api.patch(path, {"show_company": True}).ok()
    assert api.put(f"{path}/letterhead", {"file": None}).ok()["letterhead"] == []


def test_a_repeated_request_draws_and_stores_nothing_again(
    api: Client, form: str, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, body, key = f"/document-forms/{form}/letterhead", {"file": base64_of(letterhead())}, {"Idempotency-Key": "k"}
    first = api.put(path, body, headers=key).ok()
    monkeypatch.setattr(set_form_letterhead, "pages_of", lambda _: pytest.fail("The letterhead was drawn again."))
    again = api.put(path, body, headers=key)
    assert (again.ok(), again.headers["Idempotency-Replayed"]) == (first, "true")
    assert aws.names["s3:PutObject"] == 1


@pytest.mark.parametrize("file", ["not base64!", "A" * 400_004, 7])
def test_invalid_base64_or_size_is_refused_with_a_pointer(api: Client, form: str, file: object) -> None:
    refused = api.put(f"/document-forms/{form}/letterhead", {"file": file})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/file")


def test_an_unsuitable_letterhead_is_refused_and_not_stored(api: Client, form: str, aws: AwsCalls) -> None:
    refused = api.put(f"/document-forms/{form}/letterhead", {"file": base64_of(letterhead(pages=3))})
    assert (refused.status, refused.code) == (415, "UNSUPPORTED_FILE_TYPE")
    assert aws.names["s3:PutObject"] == 0


def test_a_refused_change_leaves_no_letterhead(api: Client, form: str) -> None:
    path, body = f"/document-forms/{form}", {"file": base64_of(letterhead())}
    with meanwhile(lambda: api.patch(path, {"footer": "AGB"}).ok()):
        answer = api.put(f"{path}/letterhead", body, headers={"If-Match": '"1"'})
    assert answer.code == "VERSION_MISMATCH"
    assert keys(api.tenant_id) == []


def test_a_replaced_letterhead_stays_for_issued_documents(api: Client, form: str) -> None:
    for pages in (1, 2):
        api.put(f"/document-forms/{form}/letterhead", {"file": base64_of(letterhead(pages=pages))}).ok()
    notices = [stored(key) for key in keys(api.tenant_id)]
    assert deliver_raw("delete_unreferenced_file", *notices) == []
    assert len(keys(api.tenant_id)) == 3
