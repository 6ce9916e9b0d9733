"""DELETE /invoices/{invoice_id}/comments/{activity_id}: B11, B14."""

from collections.abc import Callable

from invoicing.core.identity import Role
from tests.gateway import Client


def test_a_deleted_comment_leaves_a_tombstone(api: Client, issued: dict[str, str]) -> None:
    path = f"/invoices/{issued['id']}/comments"
    made = api.post(path, {"comment": "falsch", "pinned": True}).ok(201)
    assert api.delete(f"{path}/{made['id']}").status == 204
    stone = api.get(f"{path}/{made['id']}").ok()
    assert (stone["comment"], stone["raw_comment"], stone["pinned"]) == (None, None, False)
    assert stone["deleted_at"]
    assert "comment_deleted" in {entry["type"] for entry in api.get(path).ok()["data"]}


def test_entries_of_the_system_are_immutable(api: Client, issued: dict[str, str]) -> None:
    path = f"/invoices/{issued['id']}/comments"
    system = api.get(f"{path}?action_key=FINALIZE").ok()["data"][0]
    answer = api.delete(f"{path}/{system['id']}")
    assert (answer.status, answer.code) == (403, "ACTIVITY_IMMUTABLE")


def test_only_its_author_or_an_admin_deletes_a_comment(
    sign_in: Callable[..., Client], api: Client, issued: dict[str, str]
) -> None:
    author, other = sign_in(Role.BOOKKEEPER), sign_in(Role.BOOKKEEPER)
    path = f"/invoices/{issued['id']}/comments"
    one, two = (author.post(path, {"comment": "x"}).ok(201)["id"] for _ in range(2))
    refused = other.delete(f"{path}/{one}")
    assert (refused.status, refused.code) == (403, "ACCESS_DENIED")
    assert [author.delete(f"{path}/{one}").status, api.delete(f"{path}/{two}").status] == [204, 204]


def test_a_stale_if_match_keeps_the_comment(api: Client, issued: dict[str, str]) -> None:
    path = f"/invoices/{issued['id']}/comments"
    made = api.post(path, {"comment": "x"}).ok(201)
    answer = api.delete(f"{path}/{made['id']}", headers={"If-Match": '"7"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")
    assert api.delete(f"{path}/{made['id']}", headers={"If-Match": '"1"'}).status == 204


def test_a_comment_can_be_deleted_once(api: Client, issued: dict[str, str]) -> None:
    path = f"/invoices/{issued['id']}/comments"
    made = api.post(path, {"comment": "x"}).ok(201)
    api.delete(f"{path}/{made['id']}").ok(204)
    assert api.delete(f"{path}/{made['id']}").code == "ACTIVITY_NOT_FOUND"
