"""PATCH /customers/{customer_id}."""

from tests.builders import customer_json
from tests.gateway import Client


def test_a_patch_changes_what_it_names(api: Client) -> None:
    made = api.post("/customers", customer_json(phone="1")).ok(201)
    changed = api.patch(f"/customers/{made['id']}", {"address": {"city": "Halle"}, "phone": None}).ok()
    assert (changed["address"]["city"], changed["address"]["line1"]) == ("Halle", "Marktplatz 3")
    assert (changed["phone"], changed["version"]) == (None, 2)
    assert api.get(f"/customers/{made['id']}").ok() == changed


def test_what_must_be_there_cannot_be_removed(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    answer = api.patch(f"/customers/{made['id']}", {"name": None})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/name")


def test_a_stale_if_match_is_refused(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    answer = api.patch(f"/customers/{made['id']}", {"phone": "1"}, headers={"If-Match": '"7"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")
