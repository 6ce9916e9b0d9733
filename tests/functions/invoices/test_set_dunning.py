"""PUT /invoices/{invoice_id}/dunning: A23."""

from collections.abc import Callable
from typing import Any

from invoicing.core.identity import Role
from tests.builders import invoice_json
from tests.gateway import Client

NOTHING = {"fees": "0.00", "interest": "0.00", "fees_paid": "0.00", "fees_due": "0.00"}


def test_dunning_is_stopped_paused_and_resumed(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}/dunning"
    assert issued["dunning"] | NOTHING == issued["dunning"]
    assert (issued["dunning"]["level"], issued["dunning"]["customer_type"]) == (0, "company")
    stopped = api.put(path, {"disabled": True, "reason": "Ratenzahlung vereinbart"}).ok()["dunning"]
    assert (stopped["disabled"], stopped["reason"]) == (True, "Ratenzahlung vereinbart")
    paused = api.put(path, {"paused_until": "2026-05-01"}).ok()["dunning"]
    assert (paused["disabled"], paused["paused_until"], paused["reason"]) == (False, "2026-05-01", None)
    assert api.put(path, {}).ok()["dunning"] == issued["dunning"]


def test_a_setting_of_a_draft_applies_after_finalization(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(customer={"name": "Eva Ohm", "type": "person"})).ok(201)
    assert draft["dunning"] is None
    api.put(f"/invoices/{draft['id']}/dunning", {"disabled": True}).ok()
    issued = api.post(f"/invoices/{draft['id']}/finalize").ok()
    assert (issued["dunning"]["disabled"], issued["dunning"]["customer_type"]) == (True, "person")


def test_a_credit_note_is_not_dunned(api: Client, issued: dict[str, Any]) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit", {"amount": "1.00"}).ok(201)
    answer = api.put(f"/invoices/{note['id']}/dunning", {"disabled": True})
    assert (answer.status, answer.code, note["dunning"]) == (409, "INVALID_STATE", None)


def test_portal_users_do_not_see_the_reason(
    api: Client, issued: dict[str, Any], sign_in: Callable[..., Client]
) -> None:
    api.put(f"/invoices/{issued['id']}/dunning", {"disabled": True, "reason": "streitet"}).ok()
    portal = sign_in(Role.CUSTOMER, customer_id=issued["customer_id"])
    assert portal.get(f"/invoices/{issued['id']}").ok()["dunning"]["reason"] is None


def test_the_change_is_in_the_timeline(api: Client, issued: dict[str, Any]) -> None:
    api.put(f"/invoices/{issued['id']}/dunning", {"disabled": True}).ok()
    [entry] = api.get(f"/invoices/{issued['id']}/comments?action_key=REMINDER_STATUS").ok()["data"]
    assert (entry["type"], entry["metadata"]) == ("set", {"disabled": True})


def test_a_pause_ends_within_the_calendar(api: Client, issued: dict[str, Any]) -> None:
    answer = api.put(f"/invoices/{issued['id']}/dunning", {"paused_until": "9999-12-31"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/paused_until")
