"""PUT /document-forms/{form_id}/logo"""

import pytest

from functions.document_forms import set_form_logo
from invoicing.aws.files import read
from tests.aws import AwsCalls
from tests.builders import invoice_json
from tests.gateway import Client
from tests.logos import base64_of, pictures, png
from tests.races import meanwhile
from tests.uploads import keys


@pytest.fixture
def form(api: Client) -> str:
    return str(api.post("/document-forms", {"name": "A"}).ok(201)["id"])


def test_the_logo_replaces_that_of_the_tenant(api: Client, form: str) -> None:
    api.put("/tenant/logo", {"image": base64_of(png(64, 64))}).ok()
    picture = png(300, 100)
    logo = api.put(f"/document-forms/{form}/logo", {"image": base64_of(picture)}).ok()["logo"]
    assert read(api.tenant_id, logo["id"], logo["sha256"]) == picture
    draft = api.post("/invoices", invoice_json(form_id=form)).ok(201)["id"]
    preview = f"/invoices/{draft}/preview"
    assert pictures(api.get(preview).text.encode("latin-1")) == [(300, 100)]
    assert api.put(f"/document-forms/{form}/logo", {"image": None}).ok()["logo"] is None
    assert pictures(api.get(preview).text.encode("latin-1")) == [(64, 64)]


def test_a_repeated_request_stores_no_logo_again(
    api: Client, form: str, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, body, key = f"/document-forms/{form}/logo", {"image": base64_of(png())}, {"Idempotency-Key": "k"}
    first = api.put(path, body, headers=key).ok()
    monkeypatch.setattr(set_form_logo, "printable_logo", lambda *_: pytest.fail("The logo was printed again."))
    again = api.put(path, body, headers=key)
    assert (again.ok(), again.headers["Idempotency-Replayed"]) == (first, "true")
    assert aws.names["s3:PutObject"] == 1


def test_an_unprintable_logo_is_refused_and_not_stored(api: Client, form: str, aws: AwsCalls) -> None:
    refused = api.put(f"/document-forms/{form}/logo", {"image": base64_of(png()[:24])})
    assert (refused.status, refused.code) == (415, "UNSUPPORTED_FILE_TYPE")
    assert aws.names["s3:PutObject"] == 0


def test_a_refused_change_leaves_no_logo(api: Client, form: str) -> None:
    path, body = f"/document-forms/{form}", {"image": base64_of(png())}
    with meanwhile(lambda: api.patch(path, {"footer": "AGB"}).ok()):
        answer = api.put(f"{path}/logo", body, headers={"If-Match": '"1"'})
    assert answer.code == "VERSION_MISMATCH"
    assert keys(api.tenant_id) == []
