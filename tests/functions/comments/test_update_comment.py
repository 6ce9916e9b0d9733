"""PATCH /invoices/{invoice_id}/comments/{activity_id}: A13, B09, B14, C06."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core.identity import Role
from invoicing.timeline import model
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client


@pytest.fixture
def path(issued: dict[str, Any]) -> str:
    """The timeline of an issued invoice."""
    return f"/invoices/{issued['id']}/comments"


def test_an_edited_comment_keeps_its_former_texts(api: Client, path: str, at: Clock) -> None:
    assert api.user
    made = api.post(path, {"comment": "Call tomorow"}).ok(201)
    at.now = at.now.replace(minute=5)
    changed = api.patch(f"{path}/{made['id']}", {"comment": f"  Call tomorrow, @{api.user.id} "}).ok()
    assert changed["comment"] == "Call tomorrow, @Ada Admin"
    assert (changed["raw_comment"], changed["mentions"]) == (f"Call tomorrow, @{api.user.id}", [api.user.id])
    assert changed["metadata"] == {"edits": [{"comment": "Call tomorow", "until": "2026-03-10T12:05:00.000Z"}]}
    assert (changed["version"], changed["created_at"]) == (2, made["created_at"])
    assert api.get(f"{path}/{made['id']}").ok() == changed
    assert api.get(path).ok()["data"][0]["type"] == "comment_updated"


def test_any_user_can_pin_or_publish_any_entry(sign_in: Callable[..., Client], api: Client, path: str) -> None:
    made = api.post(path, {"comment": "x"}).ok(201)
    keeper = sign_in(Role.BOOKKEEPER)
    assert keeper.patch(f"{path}/{made['id']}", {"pinned": True, "public": True}).ok()["pinned"] is True
    assert [one["id"] for one in api.get(f"{path}?pinned=true&public=true").ok()["data"]] == [made["id"]]
    system = api.get(f"{path}?action_key=FINALIZE").ok()["data"][0]
    assert api.patch(f"{path}/{system['id']}", {"pinned": True}).ok()["pinned"] is True


def test_only_the_author_edits_a_comment(sign_in: Callable[..., Client], api: Client, path: str) -> None:
    made = sign_in(Role.BOOKKEEPER).post(path, {"comment": "x"}).ok(201)
    answer = api.patch(f"{path}/{made['id']}", {"comment": "y"})
    assert (answer.status, answer.code) == (403, "ACCESS_DENIED")


def test_entries_of_the_system_cannot_be_edited(api: Client, path: str) -> None:
    system = api.get(f"{path}?action_key=FINALIZE").ok()["data"][0]
    answer = api.patch(f"{path}/{system['id']}", {"comment": "y"})
    assert (answer.status, answer.code) == (403, "ACTIVITY_IMMUTABLE")


@pytest.mark.parametrize("text", [None, "", " \u0000 ", "x" * 1501, 5])
def test_a_comment_keeps_a_text_of_1_to_1500_characters(api: Client, path: str, text: object) -> None:
    made = api.post(path, {"comment": "x"}).ok(201)
    answer = api.patch(f"{path}/{made['id']}", {"comment": text})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/comment")


def test_a_deleted_comment_and_its_history_stay_deleted(api: Client, path: str) -> None:
    made = api.post(path, {"comment": "a secret of ours"}).ok(201)
    api.patch(f"{path}/{made['id']}", {"comment": "harmless"}).ok()
    api.delete(f"{path}/{made['id']}").ok(204)
    assert api.patch(f"{path}/{made['id']}", {"comment": "y"}).code == "ACTIVITY_NOT_FOUND"
    assert api.get(f"{path}/{made['id']}").ok()["metadata"] == {}


def test_a_full_history_refuses_another_edit(api: Client, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_EDITS", 1)
    made = api.post(path, {"comment": "x"}).ok(201)
    api.patch(f"{path}/{made['id']}", {"comment": "y"}).ok()
    assert api.patch(f"{path}/{made['id']}", {"comment": "z"}).code == "TOO_MANY_EDITS"


def test_concurrent_edits_lose_no_text(api: Client, path: str) -> None:
    made = api.post(path, {"comment": "x"}).ok(201)
    stale = {"If-Match": '"1"'}
    assert api.patch(f"{path}/{made['id']}", {"comment": "y"}, headers=stale).ok()["comment"] == "y"
    assert api.patch(f"{path}/{made['id']}", {"comment": "z"}, headers=stale).code == "VERSION_MISMATCH"


def test_an_update_to_the_same_values_changes_nothing(api: Client, path: str) -> None:
    entry = api.post(path, {"comment": "x"}).ok(201)
    for same in ({}, {"comment": "x"}, {"pinned": False}):
        assert api.patch(f"{path}/{entry['id']}", same).ok()["version"] == entry["version"]
    assert details("invoice.comment_updated") == []
