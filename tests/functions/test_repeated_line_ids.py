"""Actions on invoices that an earlier release issued with repeated line ids."""

from typing import Any

import pytest

from tests.aws import TABLE
from tests.builders import customer_json, invoice_json, line_json
from tests.events import deliver, details
from tests.gateway import Client
from tests.newer import change_row

LINES = [
    line_json(name="Anfahrt", quantity="1", unit_price="40.00"),
    line_json(name="Montage", quantity="2", unit_price="50.00"),
    line_json(name="Buch", quantity="1", unit_price="20.00", tax={"category": "S", "rate": "7"}),
]


def repeat_line_id(invoice_id: str) -> str:
    """Give all lines the id of the first, as an earlier release accepted it; returns the id."""
    ids: list[str] = []

    def repeat(content: Any) -> Any:
        ids.extend(line["id"] for line in content["lines"])
        return content | {"lines": [line | {"id": ids[0]} for line in content["lines"]]}

    change_row(TABLE, "invoice_content", invoice_id, repeat)
    return ids[0]


@pytest.fixture
def old(api: Client) -> dict[str, Any]:
    """An issued invoice of which all three lines have one id: 140.00 at 19 %, 20.00 at 7 %."""
    customer = api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer, lines=LINES)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    id_ = repeat_line_id(draft)
    invoice: dict[str, Any] = api.get(f"/invoices/{draft}").ok()
    assert [line["id"] for line in invoice["lines"]] == [id_] * 3
    return invoice


def nets(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(line["name"], line["net"]) for line in document["lines"]]


def test_old_invoice_is_canceled_line_by_line(api: Client, old: dict[str, Any]) -> None:
    after = api.post(f"/invoices/{old['id']}/cancel").ok()
    document = api.get(f"/invoices/{after['cancellation_id']}").ok()
    assert (after["status"], document["total"]) == ("canceled", old["total"])
    assert (nets(document), after["lines"]) == (nets(old), old["lines"])
    assert deliver("render_document", *details("invoice.finalized")) == []


def test_old_invoice_is_credited_in_parts_then_canceled(api: Client, old: dict[str, Any]) -> None:
    path = f"/invoices/{old['id']}"
    part = api.post(f"{path}/credit", {"amount": "50.00"}).ok(201)
    after = api.post(f"{path}/cancel").ok()
    rest = api.get(f"/invoices/{after['cancellation_id']}").ok()
    assert part["total"] == "50.00"
    assert (after["credited"], after["due"]) == (old["total"], "0.00")
    assert [one["rate"] for one in rest["tax_breakdown"]] == ["19", "7"]


def test_old_invoice_is_credited_as_a_whole(api: Client, old: dict[str, Any]) -> None:
    note = api.post(f"/invoices/{old['id']}/credit").ok(201)
    assert (note["total"], nets(note)) == (old["total"], nets(old))


def test_old_invoice_is_corrected(api: Client, old: dict[str, Any]) -> None:
    draft = api.post(f"/invoices/{old['id']}/correct").ok(201)
    assert len({line["id"] for line in draft["lines"]}) == 3
    api.post(f"/invoices/{draft['id']}/finalize").ok()


def test_line_with_a_repeated_id_is_refused_with_a_pointer(api: Client, old: dict[str, Any]) -> None:
    body = {"lines": [{"line_id": old["lines"][0]["id"], "quantity": "1"}]}
    refused = api.post(f"/invoices/{old['id']}/credit", body)
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")
    [error] = refused.json["errors"]
    assert (error["pointer"], error["code"]) == ("/lines/0/line_id", "LINE_AMBIGUOUS")
    assert api.post(f"/invoices/{old['id']}/credit", {"amount": "1.00"}).status == 201


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_old_draft_changes_no_line_by_a_repeated_id(api: Client, method: str) -> None:
    draft = api.post("/invoices", invoice_json(lines=LINES)).ok(201)["id"]
    id_ = repeat_line_id(draft)
    body = {"name": "Abfahrt"} if method == "PATCH" else None
    refused = api(method, f"/invoices/{draft}/lines/{id_}", body)
    assert (refused.status, refused.code) == (400, "VALIDATION_ERROR")
    assert nets(api.get(f"/invoices/{draft}").ok()) == [("Anfahrt", "40.00"), ("Montage", "100.00"), ("Buch", "20.00")]
    assert len(api.patch(f"/invoices/{draft}", {"lines": LINES}).ok()["lines"]) == 3
