"""PUT /invoices/{invoice_id}/status: D10, B30."""

from collections.abc import Callable
from typing import Any

from invoicing.core.identity import Role
from tests.aws import seed_key
from tests.gateway import Client


def test_paid_records_the_rest_as_a_payment(api: Client, issued: dict[str, Any]) -> None:
    path = f"/invoices/{issued['id']}"
    api.post(f"{path}/payments", {"amount": "19.00"}).ok(201)
    paid = api("PUT", f"{path}/status", {"status": "paid"}).ok()
    assert (paid["status"], paid["paid"], paid["due"]) == ("paid", "119.00", "0.00")
    payments = api.get(f"{path}/payments").ok()["data"]
    assert sorted(payment["amount"] for payment in payments) == ["100.00", "19.00"]


def test_a_paid_invoice_cannot_be_set_paid(api: Client, issued: dict[str, Any]) -> None:
    api("PUT", f"/invoices/{issued['id']}/status", {"status": "paid"}).ok()
    again = api("PUT", f"/invoices/{issued['id']}/status", {"status": "paid"})
    assert (again.status, again.code) == (409, "INVALID_STATE")


def test_void_cancels_and_uncollectible_closes(api: Client, issued: dict[str, Any]) -> None:
    closed = api("PUT", f"/invoices/{issued['id']}/status", {"status": "uncollectible"}).ok()
    assert (closed["status"], closed["close_reason"], closed["written_off"]) == ("closed", "write_off", "119.00")
    void = api("PUT", f"/invoices/{issued['id']}/status", {"status": "void"}).ok()
    assert (void["status"], void["credited"], void["cancellation_id"] is None) == ("canceled", "119.00", False)
    assert api("PUT", f"/invoices/{issued['id']}/status", {"status": "void"}).code == "INVALID_STATE"


def test_setting_paid_needs_the_scope_for_payments(sign_in: Callable[..., Client], issued: dict[str, Any]) -> None:
    keeper = sign_in(Role.BOOKKEEPER)
    assert keeper.user is not None
    assert keeper.key is not None
    secret = keeper.key + "x"
    scopes = frozenset({"invoice:read", "invoice:write", "invoice:finalize"})
    seed_key(keeper.tenant_id, keeper.user, secret, scopes=scopes)
    limited = Client(secret, keeper.user)
    answer = limited("PUT", f"/invoices/{issued['id']}/status", {"status": "paid"})
    assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")
    assert limited("PUT", f"/invoices/{issued['id']}/status", {"status": "void"}).ok()["status"] == "canceled"


def test_other_states_cannot_be_set(api: Client, issued: dict[str, Any]) -> None:
    answer = api("PUT", f"/invoices/{issued['id']}/status", {"status": "open"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/status")
