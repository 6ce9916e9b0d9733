"""GET /users/{user_id}."""

from tests.gateway import Client


def test_a_user_of_another_tenant_is_not_found(api: Client, stranger: Client) -> None:
    assert api.user
    assert api.get(f"/users/{api.user.id}").ok()["email"] == api.user.email
    assert stranger.get(f"/users/{api.user.id}").code == "USER_NOT_FOUND"
