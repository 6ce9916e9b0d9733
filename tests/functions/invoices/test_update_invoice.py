"""PATCH /invoices/{invoice_id}: B22."""

from typing import Any

import pytest

from tests.attachments import SCAN, SHEET, with_files
from tests.builders import invoice_json, line_json
from tests.catalogue import TIERS, new_price
from tests.forms import File
from tests.gateway import Client


def test_a_patch_replaces_and_removes_given_fields_only(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(title="Angebot 7", note="Danke")).ok(201)
    changed = api.patch(f"/invoices/{draft['id']}", {"title": "Rechnung", "note": None}).ok()
    assert (changed["title"], changed["note"], changed["total"]) == ("Rechnung", None, "119.00")
    assert changed["version"] == 2
    assert api.get(f"/invoices/{draft['id']}").ok() == changed


def test_replaced_lines_keep_their_given_ids(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(lines=[line_json(), line_json(name="Öl")])).ok(201)
    kept = draft["lines"][1]["id"]
    changed = api.patch(f"/invoices/{draft['id']}", {"lines": [line_json(id=kept), line_json(name="neu")]}).ok()
    assert changed["lines"][0]["id"] == kept
    assert changed["lines"][1]["id"] not in {line["id"] for line in draft["lines"]}


def test_an_unknown_line_id_is_refused(api: Client) -> None:
    draft, other = (api.post("/invoices", invoice_json()).ok(201) for _ in range(2))
    answer = api.patch(f"/invoices/{draft['id']}", {"lines": [line_json(id=other["lines"][0]["id"])]})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/lines/0/id")


def test_two_lines_cannot_share_an_id(api: Client) -> None:
    draft = api.post("/invoices", invoice_json(lines=[line_json(), line_json(name="Öl")])).ok(201)
    kept = draft["lines"][0]["id"]
    answer = api.patch(f"/invoices/{draft['id']}", {"lines": [line_json(id=kept), line_json(id=kept), line_json()]})
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/lines/1/id"]
    assert api.get(f"/invoices/{draft['id']}").ok() == draft


def test_only_drafts_change(api: Client, issued: dict[str, str]) -> None:
    answer = api.patch(f"/invoices/{issued['id']}", {"title": "x"})
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert "pay" in answer.json["allowed_actions"]
    assert "update" not in answer.json["allowed_actions"]


def test_a_stale_if_match_is_refused_and_a_current_one_accepted(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    path = f"/invoices/{draft['id']}"
    api.patch(path, {"title": "a"}, headers={"If-Match": '"1"'}).ok()
    answer = api.patch(path, {"title": "b"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (412, "VERSION_MISMATCH")
    assert api.patch(path, {"title": "c"}, headers={"If-Match": "1"}).status == 400


def test_a_repeated_patch_ignores_a_stale_if_match(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    path, headers = f"/invoices/{draft['id']}", {"If-Match": '"1"', "Idempotency-Key": "k"}
    first = api.patch(path, {"title": "a"}, headers=headers)
    again = api.patch(path, {"title": "a"}, headers=headers)
    assert (first.ok(), again.headers["Idempotency-Replayed"]) == (again.ok(), "true")


def test_mistakes_are_refused_with_a_pointer(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)
    answer = api.patch(f"/invoices/{draft['id']}", {"total": "1.00"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/total")
    answer = api.patch(f"/invoices/{draft['id']}", {"lines": [line_json(unit_price=5)]})
    assert (answer.code, answer.json["errors"][0]["pointer"]) == ("INVALID_TYPE", "/lines/0/unit_price")
    assert api.patch(f"/invoices/{draft['id']}", ["x"]).status == 400
    answer = api.patch(f"/invoices/{draft['id']}", {"due_date": "9999-12-31"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/due_date")


def test_fewer_lines_leave_no_old_parts_behind(api: Client) -> None:
    wide = [line_json(name=f"{number}", description=f"{number * 7919}" * 50) for number in range(900)]
    draft = api.post("/invoices", invoice_json(lines=wide)).ok(201)
    api.patch(f"/invoices/{draft['id']}", {"lines": [line_json()]}).ok()
    assert api.get(f"/invoices/{draft['id']}").ok()["total"] == "119.00"


def test_a_reference_is_checked_when_it_changes(api: Client) -> None:
    earlier = api.post("/invoices", invoice_json()).ok(201)["id"]
    reference = {"invoice_id": earlier, "number": "INV-1"}
    path = f"/invoices/{api.post('/invoices', invoice_json(references=[reference])).ok(201)['id']}"
    api.delete(f"/invoices/{earlier}").ok(204)
    assert api.patch(path, {"title": "Rechnung"}).ok()["references"][0]["invoice_id"] == earlier
    nobody = {"invoice_id": "inv_01JD8X2V6PZ3QK7M5T9WRC4HBN", "number": "INV-2"}
    answer = api.patch(path, {"references": [reference, nobody], "order_id": "ord_01JD8X2V6PZ3QK7M5T9WRC4HBN"})
    assert (answer.status, answer.code) == (422, "REFERENCE_NOT_FOUND")
    assert [error["pointer"] for error in answer.json["errors"]] == ["/order_id", "/references/1/invoice_id"]


def test_chosen_files_are_shown_with_their_facts(api: Client) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    sheet, scan = with_files(api, draft)
    shown = api.patch(f"/invoices/{draft}", {"attachments": [{**sheet, "description": "Stunden"}, scan]}).ok()
    facts = [(one["name"], one["content_type"], one["description"]) for one in shown["attachments"]]
    assert facts == [("Stunden.csv", "text/csv", "Stunden"), ("Lieferschein.pdf", "application/pdf", None)]
    assert shown["attachments"][1]["size"] == len(SCAN[1])
    kept = api.patch(f"/invoices/{draft}", {"title": "Mit Anlagen"}).ok()
    assert kept["attachments"] == shown["attachments"]
    assert api.patch(f"/invoices/{draft}", {"attachments": []}).ok()["attachments"] == []


@pytest.mark.parametrize(
    ("files", "place", "code"),
    [
        ([SHEET, ("Notiz.txt", b"x", "text/plain")], 1, "BR-CL-24"),
        ([SHEET, SHEET], 1, "BR-DE-22"),
    ],
    ids=["kind", "name"],
)
def test_files_that_no_document_can_contain_are_refused(api: Client, files: list[File], place: int, code: str) -> None:
    draft = api.post("/invoices", invoice_json()).ok(201)["id"]
    refused = api.patch(f"/invoices/{draft}", {"attachments": with_files(api, draft, *files)})
    assert (refused.status, refused.code) == (422, "ATTACHMENT_NOT_ALLOWED")
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [
        (f"/attachments/{place}/file_id", code)
    ]


def test_files_of_other_documents_cannot_be_attached(api: Client) -> None:
    draft, other = (api.post("/invoices", invoice_json()).ok(201)["id"] for _ in range(2))
    foreign, own = with_files(api, other, SHEET)[0], with_files(api, draft, SHEET)[0]
    mixed = {"note_id": own["note_id"], "file_id": foreign["file_id"]}
    refused = api.patch(f"/invoices/{draft}", {"attachments": [foreign, mixed, own]})
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [
        ("/attachments/0/note_id", "FILE_NOT_FOUND"),
        ("/attachments/1/file_id", "FILE_NOT_FOUND"),
    ]


def test_a_line_keeps_its_price_until_its_amount_changes(api: Client) -> None:
    price = new_price(api)
    draft = api.post("/invoices", invoice_json(lines=[{"price_id": price, "quantity": "3"}])).ok(201)
    path, kept = f"/invoices/{draft['id']}", {"id": draft["lines"][0]["id"], **line_json(unit_price="12.00")}
    changed = api.patch(path, {"lines": [{**kept, "quantity": "4"}]}).ok()
    assert (changed["lines"][0]["price_id"], changed["lines"][0]["net"]) == (price, "48.00")
    changed = api.patch(path, {"lines": [{**kept, "unit_price": "11.00"}]}).ok()
    assert (changed["lines"][0]["price_id"], changed["lines"][0]["price_version"]) == (None, None)


@pytest.mark.parametrize("terms", [{"currency": "USD"}, {"price_tax_inclusive": True}])
def test_a_line_loses_its_price_with_other_terms(api: Client, terms: dict[str, Any]) -> None:
    draft = api.post("/invoices", invoice_json(lines=[{"price_id": new_price(api)}])).ok(201)
    [line] = api.patch(f"/invoices/{draft['id']}", terms).ok()["lines"]
    assert (line["unit_price"], line["price_id"]) == ("12.00", None)


def test_pointers_count_the_lines_of_the_request(api: Client) -> None:
    price = new_price(api, **TIERS)
    draft = api.post("/invoices", invoice_json()).ok(201)
    lines = [{"price_id": price, "quantity": "11"}, {"id": "lin_01JD8X2V6PZ3QK7M5T9WRC4HBN", **line_json()}]
    refused = api.patch(f"/invoices/{draft['id']}", {"lines": lines})
    assert refused.json["errors"][0]["pointer"] == "/lines/1/id"
