"""GET /sepa-files"""

from tests.collection import collectable_invoice, ready_to_collect
from tests.functions.sepa_files.test_create_sepa_file import PATH, collect
from tests.gateway import Client


def test_files_are_filtered_by_status(api: Client) -> None:
    ready_to_collect(api)
    uploaded, canceled, created = (collect(api, collectable_invoice(api)).ok(201)["id"] for _ in range(3))
    api.post(f"{PATH}/{uploaded}/uploaded").ok()
    api.post(f"{PATH}/{canceled}/cancel").ok()
    assert {one["id"] for one in api.get(PATH).ok()["data"]} == {uploaded, canceled, created}
    for status, file in (("uploaded", uploaded), ("canceled", canceled), ("created", created)):
        assert [one["id"] for one in api.get(f"{PATH}?status={status}").ok()["data"]] == [file]
    assert api.get(f"{PATH}?type=credit").ok()["data"] == []
