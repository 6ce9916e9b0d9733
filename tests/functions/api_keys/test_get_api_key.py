"""GET /api-keys/{key_id}."""

from tests.gateway import Client


def test_a_key_is_shown_to_its_own_tenant_only(api: Client, stranger: Client) -> None:
    made = api.post("/api-keys", {"name": "shop", "scopes": ["invoice:read"]}).ok(201)
    shown = api.get(f"/api-keys/{made['id']}").ok()
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert stranger.get(f"/api-keys/{made['id']}").code == "KEY_NOT_FOUND"
