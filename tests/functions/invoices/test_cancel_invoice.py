"""POST /invoices/{invoice_id}/cancel: B23, E30 to E34."""

from collections.abc import Callable
from typing import Any

import pytest

from invoicing.aws.clients import client
from tests.attachments import with_files
from tests.aws import TABLE, AwsCalls
from tests.builders import MARK, line_json
from tests.events import details
from tests.functions.invoices.test_get_invoice_xml import contained, content_of
from tests.gateway import Client

Read = Callable[[str], dict[str, Any]]


def test_a_cancellation_reverses_the_whole_invoice(api: Client, issued: dict[str, Any], read: Read) -> None:
    canceled = api.post(f"/invoices/{issued['id']}/cancel", {"reason": "Doppelt"}).ok()
    assert (canceled["status"], canceled["number"], canceled["due"]) == ("canceled", issued["number"], "0.00")
    assert (canceled["credited"], canceled["payment_status"]) == ("119.00", "unpaid")
    assert canceled["canceled_at"]
    document = read(canceled["cancellation_id"])
    assert (document["type"], document["number"], document["total"]) == ("cancellation", "CAN-2026-000001", "119.00")
    assert document["references"][0]["number"] == issued["number"]
    assert [(line["quantity"], line["unit_price"], line["total"]) for line in document["lines"]] == [
        ("2", "50.00", "119.00")
    ]


def test_it_needs_no_body(api: Client, issued: dict[str, Any]) -> None:
    """E30."""
    assert api.post(f"/invoices/{issued['id']}/cancel", raw=b"").ok()["status"] == "canceled"


def test_paid_money_is_due_for_refund_after_a_cancellation(api: Client, issued: dict[str, Any], read: Read) -> None:
    """E32: canceling a paid invoice is allowed. The cash discount is not refunded."""
    path = f"/invoices/{issued['id']}"
    api.post(f"{path}/payments", {"amount": "116.62", "cash_discount": "2.38"}).ok(201)
    canceled = api.post(f"{path}/cancel").ok()
    assert (canceled["payment_status"], canceled["refund_due"], canceled["paid"]) == ("paid", "116.62", "116.62")
    assert api.post(f"{path}/payments", {"amount": "1.00"}).code == "INVALID_STATE"
    api.post(f"{path}/payments", {"amount": "116.62", "type": "refund"}).ok(201)
    after = read(issued["id"])
    assert (after["payment_status"], after["refund_due"], after["paid"]) == ("refunded", "0.00", "0.00")


def test_a_cancellation_covers_the_amount_not_credited_yet(api: Client, issued: dict[str, Any], read: Read) -> None:
    api.post(f"/invoices/{issued['id']}/credit", {"amount": "19.00"}).ok(201)
    canceled = api.post(f"/invoices/{issued['id']}/cancel").ok()
    assert (read(canceled["cancellation_id"])["total"], canceled["credited"]) == ("100.00", "119.00")


def test_an_invoice_credited_in_full_cannot_be_canceled(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/invoices/{issued['id']}/credit").ok(201)
    answer = api.post(f"/invoices/{issued['id']}/cancel")
    assert (answer.status, answer.code) == (422, "NOTHING_TO_CANCEL")


def test_neither_a_draft_nor_a_canceled_invoice_can_be_canceled(api: Client, issued: dict[str, Any]) -> None:
    draft = api.post("/invoices", {}).ok(201)["id"]
    assert api.post(f"/invoices/{draft}/cancel").code == "INVALID_STATE"
    api.post(f"/invoices/{issued['id']}/cancel").ok()
    again = api.post(f"/invoices/{issued['id']}/cancel")
    assert (again.status, again.code) == (409, "INVALID_STATE")
    assert "reactivate" in again.json["allowed_actions"]


def test_a_reinvoiced_order_blocks_the_reactivation(api: Client, issued: dict[str, Any]) -> None:
    """E34: no double billing."""
    order = api.post("/orders", {"customer_id": issued["customer_id"], "lines": [line_json()]}).ok(201)
    bills = f"/orders/{order['id']}/invoices"
    first = api.post(f"/invoices/{api.post(bills).ok(201)['id']}/finalize").ok()["id"]
    api.post(f"/invoices/{first}/cancel").ok()
    assert api.get(f"/orders/{order['id']}").ok()["status"] == "open"
    api.post(f"/invoices/{first}/reactivate").ok()
    assert api.get(f"/orders/{order['id']}").ok()["invoice_ids"] == [first]
    correction = api.post(f"/invoices/{first}/correct").ok(201)["id"]
    assert api.get(f"/orders/{order['id']}").ok()["invoice_ids"] == [correction]
    api.delete(f"/invoices/{correction}").ok(204)
    api.post(bills).ok(201)
    answer = api.post(f"/invoices/{first}/reactivate")
    assert (answer.status, answer.code) == (409, "ORDER_ALREADY_INVOICED")


def test_canceling_an_unsent_credit_note_makes_the_invoice_due(api: Client, issued: dict[str, Any], read: Read) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit").ok(201)
    void = api.post(f"/invoices/{note['id']}/cancel").ok()
    assert (void["status"], void["number"]) == ("canceled", note["number"])
    [event] = details("invoice.credit_voided")
    assert event["data"]["details"]["number"] == note["number"]
    after = read(issued["id"])
    assert (after["status"], after["credited"], after["due"], after["close_reason"]) == ("open", "0.00", "119.00", None)
    again = api.post(f"/invoices/{issued['id']}/credit").ok(201)
    assert (again["number"], again["total"]) == ("CN-2026-000002", "119.00")


def test_a_sent_credit_note_cannot_be_canceled(
    api: Client, issued: dict[str, Any], mark_sent: Callable[[str], None]
) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit").ok(201)
    mark_sent(note["id"])
    answer = api.post(f"/invoices/{note['id']}/cancel")
    assert (answer.status, answer.code) == (409, "CREDIT_NOTE_SENT")


def test_a_credit_note_of_a_canceled_invoice_stays(api: Client, issued: dict[str, Any]) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit", {"amount": "1.00"}).ok(201)
    api.post(f"/invoices/{issued['id']}/cancel").ok()
    assert api.post(f"/invoices/{note['id']}/cancel").code == "INVALID_STATE"


def test_it_takes_three_round_trips_and_records_both_documents(
    api: Client, issued: dict[str, Any], aws: AwsCalls
) -> None:
    with aws.only("cancel_invoice") as calls:
        canceled = api.post(f"/invoices/{issued['id']}/cancel").ok()
    assert calls.names == {"dynamodb:Query": 1, "dynamodb:BatchGetItem": 1, "dynamodb:TransactWriteItems": 1}
    for id_, key in ((issued["id"], "CANCEL"), (canceled["cancellation_id"], "FINALIZE")):
        assert key in [entry["action_key"] for entry in api.get(f"/invoices/{id_}/comments").ok()["data"]]
    number = client("dynamodb").scan(
        TableName=TABLE,
        FilterExpression="entity = :number AND invoice_id = :id",
        ExpressionAttributeValues={":number": {"S": "number"}, ":id": {"S": canceled["cancellation_id"]}},
    )
    assert number["Count"] == 1


@pytest.mark.parametrize("body", [{"reason": 1}, {"reason": ""}, {"why": "x"}])
def test_mistakes_are_refused(api: Client, issued: dict[str, Any], body: dict[str, Any]) -> None:
    assert api.post(f"/invoices/{issued['id']}/cancel", body).status == 400


_NOTED: dict[str, Any] = {"supporting_documents": [MARK], "notes": [{"text": "REKLA-17", "subject_code": "ADU"}]}


@pytest.mark.parametrize("action", ["cancel", "correct"])
def test_a_greek_cancellation_without_its_mark_uses_no_number(
    api: Client, greek: dict[str, Any], read: Read, action: str
) -> None:
    for refused in (
        api.post(f"/invoices/{greek['id']}/{action}"),
        api.put(f"/invoices/{greek['id']}/status", {"status": "void"}),
    ):
        assert (refused.status, refused.code) == (422, "EN16931_RULE_BROKEN")
        assert [one["pointer"] for one in refused.json["errors"]] == ["/supporting_documents"]
    unprintable = {"supporting_documents": [{**MARK, "reference": "ไ"}]}
    assert api.post(f"/invoices/{greek['id']}/{action}", unprintable).code == "NOT_PRINTABLE"
    unknown = api.post(f"/invoices/{greek['id']}/{action}", {**_NOTED, "notes": [{"text": "x", "subject_code": "QQQ"}]})
    assert [one["pointer"] for one in unknown.json["errors"]] == ["/notes/0/subject_code"]
    unknown = api.post(f"/invoices/{greek['id']}/{action}", {**_NOTED, "notes": [{"text": "ไ"}]})
    assert (unknown.code, unknown.json["errors"][0]["pointer"]) == ("NOT_PRINTABLE", "/notes/0/text")
    assert api.post(f"/invoices/{greek['id']}/{action}", _NOTED).status in (200, 201)
    document = read(read(greek["id"])["cancellation_id"])
    assert document["number"] == "094259216|10/03/2026|0|5.1|D|1"
    xml = api.get(f"/invoices/{document['id']}/xml")
    assert (xml.status, MARK["reference"] in xml.text, "REKLA-17" in xml.text) == (200, True, True)
    assert document["notes"] == _NOTED["notes"]


def test_an_invoice_older_than_a_rule_can_be_canceled(api: Client, older_than_a_rule: dict[str, Any]) -> None:
    assert api.post(f"/invoices/{older_than_a_rule['id']}/cancel").ok()["status"] == "canceled"


@pytest.mark.parametrize("action", ["cancel", "correct"])
def test_a_cancellation_contains_files_of_its_invoice(
    api: Client, issued: dict[str, Any], read: Read, action: str
) -> None:
    chosen = with_files(api, issued["id"])
    answer = api.post(f"/invoices/{issued['id']}/{action}", {"attachments": chosen})
    assert answer.status in (200, 201), answer.text
    document = read(read(issued["id"])["cancellation_id"])
    assert [one["name"] for one in document["attachments"]] == ["Stunden.csv", "Lieferschein.pdf"]
    assert [name for name, _, _ in contained(content_of(api, document["id"]))] == ["Stunden.csv", "Lieferschein.pdf"]
    assert api.delete(f"/invoices/{issued['id']}/notes/{chosen[0]['note_id']}").code == "FILE_ATTACHED"


@pytest.mark.parametrize("name", ["notes", "supporting_documents", "attachments"])
def test_a_voided_credit_note_takes_no_additions(api: Client, issued: dict[str, Any], name: str) -> None:
    note = api.post(f"/invoices/{issued['id']}/credit", {"amount": "19.00"}).ok(201)
    added = {**_NOTED, "attachments": with_files(api, issued["id"])}
    refused = api.post(f"/invoices/{note['id']}/cancel", {name: added[name]})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, f"/{name}")
    api.post(f"/invoices/{note['id']}/cancel", {"reason": "x"}).ok()
