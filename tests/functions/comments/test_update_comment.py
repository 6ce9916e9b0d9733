"""PATCH /invoices/{invoice_id}/comments/{activity_id}: A13, B09, B14, C06."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.core import activity
from invoicing.core.identity import Role
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client


@pytest.fixture
def path(issued: dict[str, Any]) -> str:
    """The timeline of an issued invoice."""
    return f"/invoices/{issued['id']}/comments"


def test_an_author_rewrites_a_comment_and_what_it_said_before_is_kept(api: Client, path: str, at: Clock) -> None:
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


def test_pinned_and_public_are_anybodys_to_set_on_any_entry(
    sign_in: Callable[..., Client], api: Client, path: str
) -> None:
    made = api.post(path, {"comment": "x"}).ok(201)
    keeper = sign_in(Role.BOOKKEEPER)
    assert keeper.patch(f"{path}/{made['id']}", {"pinned": True, "public": True}).ok()["pinned"] is True
    assert [one["id"] for one in api.get(f"{path}?pinned=true&public=true").ok()["data"]] == [made["id"]]
    system = api.get(f"{path}?action_key=FINALIZE").ok()["data"][0]
    assert api.patch(f"{path}/{system['id']}", {"pinned": True}).ok()["pinned"] is True


def test_nobody_else_rewrites_a_comment_not_even_an_admin(
    sign_in: Callable[..., Client], api: Client, path: str
) -> None:
    made = sign_in(Role.BOOKKEEPER).post(path, {"comment": "x"}).ok(201)
    answer = api.patch(f"{path}/{made['id']}", {"comment": "y"})
    assert (answer.status, answer.code) == (403, "ACCESS_DENIED")


def test_what_the_system_wrote_has_no_text_to_rewrite(api: Client, path: str) -> None:
    system = api.get(f"{path}?action_key=FINALIZE").ok()["data"][0]
    answer = api.patch(f"{path}/{system['id']}", {"comment": "y"})
    assert (answer.status, answer.code) == (403, "ACTIVITY_IMMUTABLE")


@pytest.mark.parametrize("text", [None, "", " \u0000 ", "x" * 1501, 5])
def test_a_comment_keeps_a_text_of_1_to_1500_characters(api: Client, path: str, text: object) -> None:
    made = api.post(path, {"comment": "x"}).ok(201)
    answer = api.patch(f"{path}/{made['id']}", {"comment": text})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/comment")


def test_a_deleted_comment_stays_deleted_with_all_that_it_ever_said(api: Client, path: str) -> None:
    made = api.post(path, {"comment": "a secret of ours"}).ok(201)
    api.patch(f"{path}/{made['id']}", {"comment": "harmless"}).ok()
    api.delete(f"{path}/{made['id']}").ok(204)
    assert api.patch(f"{path}/{made['id']}", {"comment": "y"}).code == "ACTIVITY_NOT_FOUND"
    assert api.get(f"{path}/{made['id']}").ok()["metadata"] == {}


def test_a_history_that_is_full_says_so(api: Client, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "MOST_EDITS", 1)
    made = api.post(path, {"comment": "x"}).ok(201)
    api.patch(f"{path}/{made['id']}", {"comment": "y"}).ok()
    assert api.patch(f"{path}/{made['id']}", {"comment": "z"}).code == "TOO_MANY_EDITS"


def test_two_who_rewrite_at_once_do_not_lose_a_text(api: Client, path: str) -> None:
    made = api.post(path, {"comment": "x"}).ok(201)
    stale = {"If-Match": '"1"'}
    assert api.patch(f"{path}/{made['id']}", {"comment": "y"}, headers=stale).ok()["comment"] == "y"
    assert api.patch(f"{path}/{made['id']}", {"comment": "z"}, headers=stale).code == "VERSION_MISMATCH"


def test_a_change_to_what_it_is_already_changes_nothing(api: Client, path: str) -> None:
    entry = api.post(path, {"comment": "x"}).ok(201)
    for same in ({}, {"comment": "x"}, {"pinned": False}):
        assert api.patch(f"{path}/{entry['id']}", same).ok()["version"] == entry["version"]
    assert details("invoice.comment_updated") == []
