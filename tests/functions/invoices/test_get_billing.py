"""GET /invoices/{invoice_id}/billing."""

from typing import Any

from tests.gateway import Client
from tests.subscriptions import bill, invoices, subscribe


def test_an_invoice_names_periods_items_and_shares(api: Client) -> None:
    made = subscribe(api, anchor={"day": 1}, action="finalize")
    bill(api, made)
    [invoice] = invoices(api, made)
    billing = api.get(f"/invoices/{invoice['id']}/billing").ok()
    [period] = billing["periods"]
    assert billing["subscription_ids"] == [made["id"]] == invoice["subscription_ids"]
    assert billing["billing_run_id"] == api.get("/billing-runs").ok()["data"][0]["id"]
    assert (period["id"], period["status"], period["end"]) == ("1m-advance.2026-03-10", "billed", "2026-03-31")
    found = {one["item_id"]: (one["line_id"], one["days"], one["of"]) for one in period["items"]}
    lines = zip(made["items"], invoice["lines"], strict=True)
    assert found == {item["id"]: (line["id"], 22, 31) for item, line in lines}


def test_the_period_of_a_canceled_invoice_is_released(api: Client) -> None:
    made = subscribe(api, action="finalize")
    bill(api, made)
    [invoice] = invoices(api, made)
    api.post(f"/invoices/{invoice['id']}/cancel").ok()
    [period] = api.get(f"/invoices/{invoice['id']}/billing").ok()["periods"]
    assert (period["status"], period["invoice_id"]) == ("released", None)


def test_other_invoices_bill_no_subscription(api: Client, issued: dict[str, Any]) -> None:
    answer = api.get(f"/invoices/{issued['id']}/billing")
    assert (answer.status, answer.code) == (404, "BILLING_NOT_FOUND")
