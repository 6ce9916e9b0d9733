"""DELETE /api-keys/{key_id}: C16."""

from tests.gateway import Client


def test_a_revoked_key_is_refused_and_still_listed(api: Client) -> None:
    made = api.post("/api-keys", {"name": "shop"}).ok(201)
    for _ in range(2):
        api.delete(f"/api-keys/{made['id']}").ok(204)
    assert Client(made["secret"]).get("/invoices").status == 401
    shown = api.get(f"/api-keys/{made['id']}").ok()
    assert (shown["revoked_at"], shown["version"]) == ("2026-03-10T12:00:00.000Z", 2)


def test_a_key_of_another_tenant_is_not_found(api: Client, stranger: Client) -> None:
    made = api.post("/api-keys", {"name": "shop"}).ok(201)
    assert stranger.delete(f"/api-keys/{made['id']}").code == "KEY_NOT_FOUND"
    Client(made["secret"]).get("/invoices").ok()
