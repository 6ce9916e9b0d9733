"""GET /sepa-files/{sepa_file_id}/xml"""

from collections.abc import Callable

from invoicing.core.identity import Role
from tests.collection import collectable_invoice, ready_to_collect
from tests.functions.sepa_files.test_create_sepa_file import PATH, collect, xml_of
from tests.gateway import Client


def test_the_xml_file_is_downloaded(api: Client, sign_in: Callable[..., Client]) -> None:
    ready_to_collect(api)
    file = collect(api, collectable_invoice(api)).ok(201)
    path = f"{PATH}/{file['id']}/xml"
    found = api.get(path)
    assert (found.status, found.text.encode()) == (200, xml_of(api, file))
    assert file["message_id"] in found.headers["Content-Disposition"]
    [document] = file["files"]
    assert api.get(f"{path}?document_id={document['id']}").text == found.text
    unknown = api.get(f"{path}?document_id=file_01JD8X2V6PZ3QK7M5T9WRC4HBN")
    assert unknown.code == "SEPA_DOCUMENT_NOT_FOUND"
    assert sign_in(Role.AUDITOR).get(path).status == 403
