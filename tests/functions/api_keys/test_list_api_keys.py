"""GET /api-keys."""

from tests.conftest import Clock
from tests.gateway import Client


def test_keys_are_listed_without_secrets_for_one_user_or_all(api: Client, stranger: Client, at: Clock) -> None:
    assert api.user
    person = {"email": "bo@nordlicht.example", "first_name": "Bo", "last_name": "Buch", "role": "auditor"}
    user = api.post("/users", person).ok(201)["id"]
    at.now = at.now.replace(minute=1)
    made = api.post("/api-keys", {"name": "theirs", "user_id": user}).ok(201)
    names = [one["name"] for one in api.get("/api-keys").ok()["data"]]
    assert names == ["theirs", "tests"]
    [only] = api.get(f"/api-keys?user_id={user}").ok()["data"]
    assert only["id"] == made["id"]
    assert "secret" not in only
