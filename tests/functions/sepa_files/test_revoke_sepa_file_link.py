"""DELETE /sepa-files/{sepa_file_id}/download-links/{sepa_file_link_id}"""

from tests.collection import sepa_file
from tests.events import details
from tests.functions.sepa_files.test_create_sepa_file import PATH
from tests.functions.sepa_files.test_create_sepa_file_link import link_to, opened
from tests.gateway import Client


def test_a_revoked_link_opens_no_file(api: Client) -> None:
    file = {"id": sepa_file(api)}
    link = link_to(api, file)
    path = f"{PATH}/{file['id']}/download-links/{link['id']}"
    for _ in range(2):
        api.delete(path).ok(204)
    assert opened(link).code == "LINK_EXPIRED"
    assert len(details("sepa_file.link_revoked")) == 1
