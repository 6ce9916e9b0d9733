"""DELETE /invoices/{invoice_id}: B22."""

from tests.builders import invoice_json
from tests.gateway import Client


def test_a_deleted_draft_is_not_found(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    answer = api.delete(f"/invoices/{draft['id']}")
    assert (answer.status, answer.text) == (204, "")
    assert api.get(f"/invoices/{draft['id']}").status == 404
    assert api.get("/invoices").ok()["data"] == []


def test_a_document_with_a_number_is_never_deleted(api: Client, issued: dict[str, str]) -> None:
    answer = api.delete(f"/invoices/{issued['id']}")
    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_deleting_again_with_the_same_key_replays_the_response(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    first, again = (api.delete(f"/invoices/{draft['id']}", headers={"Idempotency-Key": "d"}) for _ in range(2))
    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (204, 204, "true")
    assert api.delete(f"/invoices/{draft['id']}").status == 404


def test_a_stale_if_match_keeps_the_draft(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    assert api.delete(f"/invoices/{draft['id']}", headers={"If-Match": '"9"'}).status == 412
    assert api.get(f"/invoices/{draft['id']}").status == 200
