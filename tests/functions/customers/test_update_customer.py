"""PATCH /customers/{customer_id}."""

from tests.builders import customer_json
from tests.gateway import Client


def test_a_patch_changes_the_given_fields_only(api: Client) -> None:
    made = api.post("/customers", customer_json(phone="1")).ok(201)
    changed = api.patch(f"/customers/{made['id']}", {"address": {"city": "Halle"}, "phone": None}).ok()
    assert (changed["address"]["city"], changed["address"]["line1"]) == ("Halle", "Marktplatz 3")
    assert (changed["phone"], changed["version"]) == (None, 2)
    assert api.get(f"/customers/{made['id']}").ok() == changed


def test_required_fields_cannot_be_removed(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    answer = api.patch(f"/customers/{made['id']}", {"name": None})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/name")


def test_a_stale_if_match_is_refused(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    answer = api.patch(f"/customers/{made['id']}", {"phone": "1"}, headers={"If-Match": '"7"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")


def test_a_released_external_id_can_be_used_by_others(api: Client) -> None:
    first = api.post("/customers", customer_json(external_id="K-7")).ok(201)["id"]
    second = api.post("/customers", customer_json(external_id="K-8")).ok(201)["id"]
    assert api.patch(f"/customers/{second}", {"external_id": "K-7"}).code == "DUPLICATE_EXTERNAL_ID"
    assert api.patch(f"/customers/{first}", {"external_id": "K-9"}).ok()["external_id"] == "K-9"
    assert api.patch(f"/customers/{second}", {"external_id": "K-7"}).ok()["external_id"] == "K-7"
    assert [one["id"] for one in api.get("/customers?external_id=K-7").ok()["data"]] == [second]
    assert api.get("/customers?external_id=K-8").ok()["data"] == []
    api.delete(f"/customers/{second}").ok(204)
    assert api.patch(f"/customers/{first}", {"external_id": "K-7"}).ok()["external_id"] == "K-7"


def test_identifiers_are_checked_when_they_change(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    answer = api.patch(f"/customers/{made['id']}", {"tax_id": "DE136695977"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/tax_id")
    assert api.patch(f"/customers/{made['id']}", {"tax_id": None}).ok()["tax_id"] is None


def test_a_new_owner_must_be_a_user(api: Client) -> None:
    assert api.user
    made = api.post("/customers", customer_json()).ok(201)
    answer = api.patch(f"/customers/{made['id']}", {"owner_id": "usr_01JD8X2V6PZ3QK7M5T9WRC4HBN"})
    assert (answer.status, answer.code) == (404, "USER_NOT_FOUND")
    assert api.patch(f"/customers/{made['id']}", {"owner_id": api.user.id}).ok()["owner_id"] == api.user.id


def test_a_customer_is_archived_and_restored(api: Client) -> None:
    made = api.post("/customers", customer_json()).ok(201)
    path = f"/customers/{made['id']}"
    assert api.patch(path, {"archived_at": "2026-03-10T11:00:00.000Z"}).ok()["archived_at"]
    assert api.get("/customers?archived=false").ok()["data"] == []
    assert len(api.get("/customers?archived=true").ok()["data"]) == 1
    assert api.patch(path, {"archived_at": None}).ok()["archived_at"] is None
