"""GET /invoices/{invoice_id}/comments: B01-B08, C06, C07, C20."""

from collections.abc import Callable
from datetime import timedelta
from typing import get_args

from invoicing.core.activity import ActionKey
from invoicing.core.identity import Role
from invoicing.core.ids import new_id
from tests.builders import NOON, invoice_json, order_json
from tests.conftest import Clock
from tests.gateway import Client


def test_the_timeline_has_comments_and_system_entries(api: Client, at: Clock, issued: dict[str, str]) -> None:
    at.now = at.now.replace(minute=1)
    api.post(f"/invoices/{issued['id']}/comments", {"comment": "Danke"}).ok(201)
    timeline = api.get(f"/invoices/{issued['id']}/comments").ok()
    latest, *others = timeline["data"]
    finalized = next(entry for entry in others if entry["type"] == "finalized")
    assert (latest["type"], {entry["type"] for entry in others}) == ("commented", {"finalized", "created"})
    assert timeline["total"] == 3
    assert finalized["metadata"] == {"number": "INV-2026-000001", "send": False}


def test_mentions_are_names_and_unknown_ones_stay_text(api: Client, sign_in: Callable[..., Client]) -> None:
    bea = sign_in(Role.BOOKKEEPER, first_name="Bea", last_name="Buch").user
    assert bea
    unknown = new_id("usr", NOON)
    path = f"/invoices/{api.post('/invoices', invoice_json()).ok(201)['id']}/comments"
    api.post(path, {"comment": f"@{bea.id} und @{unknown}, bitte"}).ok(201)
    entry = api.get(f"{path}?action_key=COMMENT").ok()["data"][0]
    assert entry["comment"] == f"@Bea Buch und @{unknown}, bitte"
    assert entry["raw_comment"] == f"@{bea.id} und @{unknown}, bitte"
    assert entry["mentions"] == [bea.id]


def test_mentions_beyond_one_batch_are_resolved(api: Client, at: Clock) -> None:
    """BatchGetItem takes a hundred keys."""
    assert api.user
    path = f"/invoices/{api.post('/invoices', invoice_json()).ok(201)['id']}/comments"
    for _ in range(3):
        at.now += timedelta(seconds=1)
        api.post(path, {"comment": " ".join(f"@{new_id('usr', at.now)}" for _ in range(45))}).ok(201)
    at.now += timedelta(seconds=1)
    api.post(path, {"comment": f"@{api.user.id} sees"}).ok(201)
    assert api.get(f"{path}?action_key=COMMENT").ok()["data"][0]["comment"].endswith(" sees")


def test_filters_and_total(api: Client, at: Clock, issued: dict[str, str]) -> None:
    path = f"/invoices/{issued['id']}/comments"
    for number in range(5):
        at.now = at.now.replace(minute=number)
        api.post(path, {"comment": f"{number}", "public": number % 2 == 0, "pinned": number == 3}).ok(201)

    def texts(query: str) -> list[str]:
        return [entry["comment"] for entry in api.get(f"{path}?{query}").ok()["data"]]

    assert texts("public=true") == ["4", "2", "0"]
    assert texts("pinned=true") == ["3"]
    assert texts("action_key=FINALIZE,CREATE&limit=1") == [None]
    first = api.get(f"{path}?limit=2&action_key=COMMENT").ok()
    assert (first["total"], first["has_more"], len(first["data"])) == (5, True, 2)
    rest = api.get(f"{path}?limit=9&action_key=COMMENT&cursor={first['next_cursor']}").ok()
    assert [entry["comment"] for entry in rest["data"]] == ["2", "1", "0"]
    assert api.get(f"{path}?action_key=NONSENSE").status == 400


def test_the_creation_entry_names_the_source_of_a_draft(api: Client, issued: dict[str, str]) -> None:
    """B08: 28 keys, CREATE_FROM_INVOICE for corrections; an order is an accepted offer."""
    order = api.post("/orders", order_json(customer_id=issued["customer_id"])).ok(201)["id"]
    origins = {
        api.post("/invoices", invoice_json()).ok(201)["id"]: "CREATE",
        api.post(f"/invoices/{issued['id']}/duplicate").ok(201)["id"]: "COPY",
        api.post(f"/orders/{order}/invoices").ok(201)["id"]: "CREATE_FROM_OFFER",
        api.post(f"/invoices/{issued['id']}/correct").ok(201)["id"]: "CREATE_FROM_INVOICE",
    }
    for draft, key in origins.items():
        [entry] = api.get(f"/invoices/{draft}/comments?action_key={','.join(get_args(ActionKey))}").ok()["data"]
        assert (entry["type"], entry["action_key"]) == ("created", key)


def test_portal_users_see_public_entries(sign_in: Callable[..., Client], api: Client, issued: dict[str, str]) -> None:
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    path = f"/invoices/{issued['id']}/comments"
    api.post(path, {"comment": "intern"}).ok(201)
    api.post(path, {"comment": "für Sie", "public": True}).ok(201)
    assert [entry["comment"] for entry in portal.get(path).ok()["data"]] == ["für Sie"]
    internal = api.get(f"{path}?public=false&action_key=COMMENT").ok()["data"][0]["id"]
    assert portal.get(f"{path}/{internal}").code == "ACTIVITY_NOT_FOUND"


def test_a_deleted_draft_has_no_timeline_to_read(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    entry = api.get(f"/invoices/{draft}/comments").ok()["data"][0]["id"]
    api.delete(f"/invoices/{draft}").ok(204)
    assert api.get(f"/invoices/{draft}/comments").code == "INVOICE_NOT_FOUND"
    assert api.get(f"/invoices/{draft}/comments/{entry}").code == "INVOICE_NOT_FOUND"


def test_a_missing_invoice_has_no_timeline(api: Client, stranger: Client, issued: dict[str, str]) -> None:
    assert stranger.get(f"/invoices/{issued['id']}/comments").code == "INVOICE_NOT_FOUND"
    assert api.get(f"/invoices/{new_id('inv', NOON)}/comments").code == "INVOICE_NOT_FOUND"
