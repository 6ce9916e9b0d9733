"""DELETE /users/{user_id}."""

from tests.gateway import Client


def test_a_deleted_user_loses_keys_and_stays_named_in_comments(api: Client) -> None:
    person = {"email": "bo@nordlicht.example", "first_name": "Bo", "last_name": "Buch", "role": "bookkeeper"}
    user = api.post("/users", person).ok(201)
    key = Client(api.post("/api-keys", {"name": "mine", "user_id": user["id"]}).ok(201)["secret"])
    draft = key.post("/invoices", {}).ok(201)
    key.post(f"/invoices/{draft['id']}/comments", {"comment": "Moin"}).ok(201)
    api.delete(f"/users/{user['id']}").ok(204)
    assert key.get("/invoices").status == 401
    assert api.get(f"/users/{user['id']}").code == "USER_NOT_FOUND"
    entry = api.get(f"/invoices/{draft['id']}/comments?action_key=COMMENT").ok()["data"][0]
    assert entry["user"]["full_name"] == "Bo Buch"
    api.post("/users", person).ok(201)


def test_a_user_cannot_delete_itself(api: Client) -> None:
    assert api.user
    assert api.delete(f"/users/{api.user.id}").code == "OWN_RIGHTS"
