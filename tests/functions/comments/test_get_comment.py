"""GET /invoices/{invoice_id}/comments/{activity_id}: B04."""

from invoicing.core.ids import new_id
from tests.builders import NOON
from tests.gateway import Client


def test_one_entry_is_shown_with_names(api: Client, issued: dict[str, str]) -> None:
    assert api.user
    path = f"/invoices/{issued['id']}/comments"
    made = api.post(path, {"comment": f"@{api.user.id}"}).ok(201)
    entry = api.get(f"{path}/{made['id']}").ok()
    assert (entry["comment"], entry["mentions"]) == ("@Ada Admin", [api.user.id])


def test_a_missing_entry_is_not_found(api: Client, stranger: Client, issued: dict[str, str]) -> None:
    path = f"/invoices/{issued['id']}/comments"
    made = api.post(path, {"comment": "x"}).ok(201)
    assert api.get(f"{path}/{new_id('act', NOON)}").code == "ACTIVITY_NOT_FOUND"
    assert stranger.get(f"{path}/{made['id']}").status == 404
