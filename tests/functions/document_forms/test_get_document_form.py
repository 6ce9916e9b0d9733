"""GET /document-forms/{form_id}"""

from tests.functions.document_forms.test_create_document_form import FORM
from tests.gateway import Client


def test_a_form_is_shown_with_its_version(api: Client) -> None:
    form = api.post("/document-forms", FORM).ok(201)
    answer = api.get(f"/document-forms/{form['id']}")
    assert answer.ok() == form
    assert answer.headers["ETag"] == '"1"'
