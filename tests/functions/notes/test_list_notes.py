"""GET /invoices/{invoice_id}/notes"""

from typing import Any

from tests.gateway import Client


def test_notes_are_listed_newest_first_in_pages(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/notes"
    made = [api.post(path, {"note": f"note {number}"}).ok(201) for number in range(3)]
    first = api.get(f"{path}?limit=2").ok()
    rest = api.get(f"{path}?limit=2&cursor={first['next_cursor']}").ok()
    listed = first["data"] + rest["data"]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert sorted(listed, key=lambda note: note["id"]) == sorted(made, key=lambda note: note["id"])


def test_notes_of_a_missing_resource_are_not_found(api: Client) -> None:
    assert api.get("/invoices/inv_01JD8X2V6PZ3QK7M5T9WRC4HBN/notes").code == "INVOICE_NOT_FOUND"
