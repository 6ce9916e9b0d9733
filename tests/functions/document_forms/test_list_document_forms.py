"""GET /document-forms"""

from tests.gateway import Client


def test_forms_are_listed_newest_first(api: Client, stranger: Client) -> None:
    made = [api.post("/document-forms", {"name": name}).ok(201)["id"] for name in ("A", "B", "C")]
    stranger.post("/document-forms", {"name": "D"}).ok(201)
    page = api.get("/document-forms?limit=2").ok()
    assert sorted(made)[::-1][:2] == [one["id"] for one in page["data"]]
    rest = api.get(f"/document-forms?limit=2&cursor={page['next_cursor']}").ok()
    assert {one["id"] for one in page["data"] + rest["data"]} == set(made)
