"""POST /invoices/{invoice_id}/close."""

from typing import Any

import pytest

from tests.gateway import Client


@pytest.mark.parametrize("reason", ["write_off", "small_difference", "settled_elsewhere", "other"])
def test_the_rest_is_written_off(api: Client, issued: dict[str, Any], reason: str) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "100.00"}).ok(201)
    closed = api.post(f"/invoices/{issued['id']}/close", {"reason": reason}).ok()
    assert (closed["status"], closed["close_reason"], closed["number"]) == ("closed", reason, issued["number"])
    assert (closed["written_off"], closed["due"], closed["paid"]) == ("19.00", "0.00", "100.00")
    assert (closed["payment_status"], closed["closed_at"] is None) == ("partially_paid", False)


def test_a_closed_invoice_may_still_be_paid(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}"
    api.post(f"{path}/close", {"reason": "write_off"}).ok()
    api.post(f"{path}/payments", {"amount": "100.00"}).ok(201)
    part = api.get(path).ok()
    assert (part["status"], part["written_off"], part["due"]) == ("closed", "19.00", "0.00")
    api.post(f"{path}/payments", {"amount": "19.00"}).ok(201)
    paid = api.get(path).ok()
    assert (paid["status"], paid["written_off"], paid["close_reason"]) == ("paid", "0.00", None)


def test_a_draft_or_canceled_invoice_cannot_be_closed(api: Client, issued: dict[str, Any]) -> None:
    draft = api.post("/invoices", {}).ok(201)["id"]
    api.post(f"/invoices/{issued['id']}/cancel").ok()
    for id_ in (draft, issued["id"]):
        answer = api.post(f"/invoices/{id_}/close", {"reason": "other"})
        assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_a_reason_is_needed(api: Client, issued: dict[str, Any]) -> None:
    for body in ({}, {"reason": "credited"}):
        answer = api.post(f"/invoices/{issued['id']}/close", body)
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/reason")
