"""PATCH /api-keys/{key_id}: C15."""

from datetime import timedelta

from tests.conftest import Clock
from tests.gateway import Client


def test_a_keys_scopes_end_and_name_can_be_changed(api: Client, at: Clock) -> None:
    made = api.post("/api-keys", {"name": "shop"}).ok(201)
    key, path = Client(made["secret"]), f"/api-keys/{made['id']}"
    changed = api.patch(path, {"name": "Shop", "scopes": ["payment:read"]}).ok()
    assert (changed["name"], changed["scopes"], changed["version"]) == ("Shop", ["payment:read"], 2)
    assert key.get("/invoices").code == "INSUFFICIENT_PERMISSIONS"
    api.patch(path, {"scopes": None, "expires_at": "2026-03-10T12:30:00Z"}).ok()
    key.get("/invoices").ok()
    at.now += timedelta(minutes=31)
    assert key.get("/invoices").status == 401


def test_an_invalid_change_of_a_key_is_refused(api: Client) -> None:
    auditor = {"email": "au@nordlicht.example", "first_name": "Au", "last_name": "Dit", "role": "auditor"}
    user = api.post("/users", auditor).ok(201)["id"]
    path = f"/api-keys/{api.post('/api-keys', {'name': 'x', 'user_id': user}).ok(201)['id']}"
    assert api.patch(path, {"scopes": ["invoice:write"]}).code == "SCOPE_EXCEEDS_ROLE"
    assert api.patch(path, {"expires_at": "2026-03-01T00:00:00Z"}).code == "DATE_NOT_ALLOWED"
    assert api.patch(path, {"user_id": user}).status == 400
    api.delete(f"/users/{user}").ok(204)
    assert api.patch(path, {"name": "y"}).code == "USER_NOT_FOUND"
