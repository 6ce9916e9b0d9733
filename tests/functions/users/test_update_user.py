"""PATCH /users/{user_id}: C13, A11."""

from typing import Any

import pytest

from invoicing.core.ids import new_id
from tests.builders import NOON
from tests.gateway import Client

PERSON = {"email": "bo@nordlicht.example", "first_name": "Bo", "last_name": "Buch", "role": "bookkeeper"}


@pytest.fixture
def colleague(api: Client) -> dict[str, Any]:
    """A user with a key."""
    user: dict[str, Any] = api.post("/users", PERSON).ok(201)
    key = api.post("/api-keys", {"name": "mine", "user_id": user["id"]}).ok(201)
    return {"id": user["id"], "secret": key["secret"]}


def test_keys_follow_the_role_and_end_with_deactivation(api: Client, colleague: dict[str, Any]) -> None:
    key, path = Client(colleague["secret"]), f"/users/{colleague['id']}"
    key.post("/invoices", {}).ok(201)
    api.patch(path, {"role": "auditor"}).ok()
    assert key.post("/invoices", {}).code == "INSUFFICIENT_PERMISSIONS"
    assert api.patch(path, {"deactivated": True}).ok()["deactivated"] is True
    assert key.get("/invoices").status == 401
    api.patch(path, {"deactivated": False}).ok()
    key.get("/invoices").ok()


def test_users_cannot_remove_their_own_rights(api: Client) -> None:
    assert api.user
    for change in ({"role": "auditor"}, {"deactivated": True}):
        answer = api.patch(f"/users/{api.user.id}", change)
        assert (answer.status, answer.code) == (422, "OWN_RIGHTS")
    assert api.patch(f"/users/{api.user.id}", {"first_name": "Ida"}).ok()["first_name"] == "Ida"


def test_a_released_address_can_be_used_again(api: Client, colleague: dict[str, Any]) -> None:
    assert api.user
    path = f"/users/{colleague['id']}"
    assert api.patch(f"/users/{api.user.id}", {"email": PERSON["email"]}).code == "DUPLICATE_EMAIL"
    api.patch(path, {"email": "new@nordlicht.example"}).ok()
    api.post("/users", PERSON).ok(201)
    assert api.patch(path, {"email": PERSON["email"]}).code == "DUPLICATE_EMAIL"


def test_a_portal_user_needs_an_existing_customer(api: Client, colleague: dict[str, Any]) -> None:
    path = f"/users/{colleague['id']}"
    assert api.patch(path, {"role": "customer"}).code == "CUSTOMER_MISMATCH"
    missing = {"role": "customer", "customer_id": new_id("cus", NOON)}
    assert api.patch(path, missing).code == "CUSTOMER_NOT_FOUND"
