"""DELETE /invoices/{invoice_id}/lines/{line_id}: B22."""

from tests.builders import invoice_json, line_json
from tests.gateway import Client


def test_a_line_is_deleted_and_the_totals_updated(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(lines=[line_json(), line_json(name="Öl")])).ok(201)
    first, second = (line["id"] for line in draft["lines"])
    changed = api.delete(f"/invoices/{draft['id']}/lines/{first}").ok()
    assert ([line["id"] for line in changed["lines"]], changed["total"]) == ([second], "119.00")
    answer = api.delete(f"/invoices/{draft['id']}/lines/{first}")
    assert (answer.status, answer.code) == (404, "LINE_NOT_FOUND")
    empty = api.delete(f"/invoices/{draft['id']}/lines/{second}").ok()
    assert (empty["lines"], empty["total"]) == ([], "0.00")


def test_a_deletion_that_breaks_the_draft_is_refused(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(lines=[line_json(), line_json(quantity="-1")])).ok(201)
    answer = api.delete(f"/invoices/{draft['id']}/lines/{draft['lines'][0]['id']}")
    assert (answer.status, answer.code) == (422, "NEGATIVE_TOTAL")


def test_only_lines_of_drafts_can_be_deleted(api: Client, issued: dict[str, str]) -> None:
    line = api.get(f"/invoices/{issued['id']}").ok()["lines"][0]["id"]
    answer = api.delete(f"/invoices/{issued['id']}/lines/{line}")
    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_a_repeated_request_replays_the_response(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    path = f"/invoices/{draft['id']}/lines/{draft['lines'][0]['id']}"
    first = api.delete(path, headers={"Idempotency-Key": "d"})
    again = api.delete(path, headers={"Idempotency-Key": "d"})
    assert (first.ok(), again.headers["Idempotency-Replayed"]) == (again.ok(), "true")
