"""POST /invoices/{invoice_id}/reactivate: B23, E40, E41."""

from collections.abc import Callable
from typing import Any

from tests.aws import AwsCalls
from tests.builders import invoice_json, line_json
from tests.gateway import Client

Read = Callable[[str], dict[str, Any]]


def test_a_canceled_invoice_counts_again_under_its_number(api: Client, issued: dict[str, Any], read: Read) -> None:
    cancellation = api.post(f"/invoices/{issued['id']}/cancel").ok()["cancellation_id"]
    after = api.post(f"/invoices/{issued['id']}/reactivate").ok()
    assert (after["status"], after["number"], after["due"]) == ("open", issued["number"], "119.00")
    assert (after["credited"], after["cancellation_id"], after["reactivated_at"] is None) == ("0.00", None, False)
    assert read(cancellation)["status"] == "canceled"
    entries = api.get(f"/invoices/{issued['id']}/comments?action_key=REACTIVATE").ok()["data"]
    assert len(entries) == 1


def test_payments_and_discounts_are_restored(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}"
    api.post(f"{path}/payments", {"amount": "116.62", "cash_discount": "2.38"}).ok(201)
    api.post(f"{path}/cancel").ok()
    after = api.post(f"{path}/reactivate").ok()
    assert (after["status"], after["paid"], after["cash_discount_taken"]) == ("paid", "116.62", "2.38")
    assert (after["refund_due"], after["due"]) == ("0.00", "0.00")


def test_refunded_money_is_due_again(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}"
    api.post(f"{path}/payments", {"amount": "119.00"}).ok(201)
    api.post(f"{path}/cancel").ok()
    api.post(f"{path}/payments", {"amount": "119.00", "type": "refund"}).ok(201)
    after = api.post(f"{path}/reactivate").ok()
    assert (after["status"], after["due"], after["refund_due"]) == ("open", "119.00", "0.00")


def test_it_can_be_canceled_again_and_credited_again(api: Client, issued: dict[str, Any], read: Read) -> None:
    path = f"/invoices/{issued['id']}"
    api.post(f"{path}/credit", {"amount": "19.00"}).ok(201)
    for number in ("CAN-2026-000001", "CAN-2026-000002"):
        canceled = api.post(f"{path}/cancel").ok()
        document = read(canceled["cancellation_id"])
        assert (document["number"], document["total"]) == (number, "100.00")
        api.post(f"{path}/reactivate").ok()
    assert api.post(f"{path}/credit").ok(201)["total"] == "100.00"


def test_a_closed_invoice_is_due_again(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/invoices/{issued['id']}/close", {"reason": "write_off"}).ok()
    after = api.post(f"/invoices/{issued['id']}/reactivate").ok()
    assert (after["status"], after["due"], after["written_off"]) == ("open", "119.00", "0.00")
    assert (after["close_reason"], after["closed_at"]) == (None, None)


def test_an_invoice_credited_in_full_is_reactivated_with_it(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/invoices/{issued['id']}/credit").ok(201)
    answer = api.post(f"/invoices/{issued['id']}/reactivate")
    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert "reactivate" not in answer.json["allowed_actions"]


def test_a_sent_cancellation_blocks_the_reactivation(
    api: Client, issued: dict[str, Any], mark_sent: Callable[[str], None]
) -> None:
    mark_sent(api.post(f"/invoices/{issued['id']}/cancel").ok()["cancellation_id"])
    answer = api.post(f"/invoices/{issued['id']}/reactivate")
    assert (answer.status, answer.code) == (409, "CANCELLATION_SENT")


def test_a_correction_blocks_the_reactivation_until_deleted(api: Client, issued: dict[str, Any]) -> None:
    draft = api.post(f"/invoices/{issued['id']}/correct").ok(201)["id"]
    answer = api.post(f"/invoices/{issued['id']}/reactivate")
    assert (answer.status, answer.code) == (409, "ALREADY_CORRECTED")
    api.delete(f"/invoices/{draft}").ok(204)
    assert api.post(f"/invoices/{issued['id']}/reactivate").ok()["status"] == "open"


def test_an_invoice_over_zero_is_reactivated_too(api: Client, issued: dict[str, Any]) -> None:
    lines = [line_json(unit_price="0.00")]
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"], lines=lines)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize").ok()
    assert api.post(f"/invoices/{draft}/cancel").ok()["status"] == "canceled"
    assert api.post(f"/invoices/{draft}/reactivate").ok()["status"] == "paid"


def test_an_open_invoice_has_nothing_to_reactivate(api: Client, issued: dict[str, Any]) -> None:
    assert api.post(f"/invoices/{issued['id']}/reactivate").code == "INVALID_STATE"


def test_the_lines_are_not_written_again(api: Client, issued: dict[str, Any], aws: AwsCalls) -> None:
    api.post(f"/invoices/{issued['id']}/cancel").ok()
    with aws.only("reactivate_invoice") as calls:
        api.post(f"/invoices/{issued['id']}/reactivate").ok()
    assert calls.names["dynamodb:TransactWriteItems"] == 1
    sorts = [one["Put"]["Item"]["SK"]["S"] for one in calls.calls[-1].params["TransactItems"] if "Put" in one]
    assert not [sort for sort in sorts if sort.startswith("#BODY")]
