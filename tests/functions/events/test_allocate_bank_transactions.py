"""bank_transaction.received → the payments of the documents that it names: hazards 4 and 20 of money."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from invoicing.bank_matching.table import payers_of
from invoicing.core.identity import Caller
from invoicing.store.session import Session
from invoicing.store.store import Store
from tests.bank import PAYERS, PROFILE, Month, Movement, camt_of, csv_of, feed, imported, mt940_of, transactions
from tests.builders import NOON, customer_json, invoice_json, line_json
from tests.conftest import Clock
from tests.events import deliver, details
from tests.functions.reports.test_list_open_items import record
from tests.gateway import Client

DAY = date(2026, 3, 2)
Json = dict[str, Any]


def received(api: Client, text: str, amount: str = "119.00", **more: Any) -> Json:
    """A transaction after the rule saw it."""
    month = Month([Movement(DAY, Decimal(amount), text, **more)])
    [sent] = api.post("/bank-transactions", feed(month, len(transactions(api)))).ok()["data"]
    assert deliver("allocate_bank_transactions", event_of(sent["transaction_id"])) == []
    found: Json = api.get(f"/bank-transactions/{sent['transaction_id']}").ok()
    return found


def event_of(transaction_id: str) -> Json:
    return next(one for one in details("bank_transaction.received") if one["resource"]["id"] == transaction_id)


def another(api: Client, customer: str | None = None) -> Json:
    customer = customer or api.post("/customers", customer_json()).ok(201)["id"]
    draft = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)
    found: Json = api.post(f"/invoices/{draft['id']}/finalize").ok()
    return found


def test_a_named_document_is_paid_by_rule(api: Client, issued: Json) -> None:
    found = received(api, f"Rechnung {issued['number'].replace('-', ' ')} danke")
    assert (found["status"], found["allocations"][0]["by"], found["suggestions"]) == ("allocated", "rule", [])
    assert api.get(f"/invoices/{issued['id']}").ok()["status"] == "paid"
    assert payers_of(Store(Session(Caller.system(api.tenant_id), NOON)), PAYERS[0]) == frozenset()
    assert deliver("allocate_bank_transactions", event_of(found["id"])) == []
    assert len(api.get("/payments").ok()["data"]) == 1


def test_two_named_documents_of_a_customer_are_paid(api: Client, issued: Json) -> None:
    other = another(api, issued["customer_id"])
    found = received(api, f"{issued['number']}, {other['number']}", "238.00")
    assert [one["amount"] for one in found["allocations"]] == ["119.00", "119.00"]


@pytest.mark.parametrize(
    ("auto", "amount", "status"),
    [
        ("certain", "100.00", "open"),
        ("likely", "100.00", "allocated"),
        ("off", "119.00", "open"),
        ("likely", "120.00", "open"),
    ],
)
def test_the_tenant_decides_about_the_rule(api: Client, issued: Json, auto: str, amount: str, status: str) -> None:
    api.patch("/tenant", {"bank_matching": {"auto": auto}}).ok()
    found = received(api, issued["number"], amount)
    assert found["status"] == status
    if status == "open":
        [suggestion] = found["suggestions"]
        assert suggestion["documents"][0]["invoice_id"] == issued["id"]
        assert suggestion["why"][0] == "document_number"


def test_a_small_difference_is_closed_with_its_payment(api: Client, issued: Json) -> None:
    path = f"/invoices/{issued['id']}"
    api.patch("/tenant", {"bank_matching": {"small_difference": "0.60"}}).ok()
    before = api.get(path).ok()
    found = received(api, issued["number"], "118.40")
    [allocation] = found["allocations"]
    assert (allocation["amount"], allocation["small_difference"]) == ("118.40", "0.60")
    assert allocation["why"] == ["document_number", "amount_due", "small_difference"]
    paid = api.get(path).ok()
    shown = ("status", "close_reason", "written_off", "due", "paid", "closed_at")
    assert tuple(paid[name] for name in shown[:5]) == ("closed", "small_difference", "0.60", "0.00", "118.40")
    [event] = details("invoice.closed")
    assert event["data"]["details"]["reason"] == "small_difference"
    record(api)
    assert api.get("/reports/open-items").ok()["data"] == []
    [row] = api.get("/reports/revenue?from=2026-03-01").ok()["data"]
    assert (row["written_off"], row["gross"]) == ("0.60", "118.40")
    api.delete(f"/bank-transactions/{found['id']}/allocations/{allocation['payment_id']}").ok()
    after = api.get(path).ok()
    assert {name: after[name] for name in shown} == {name: before[name] for name in shown}
    record(api)
    [item] = api.get("/reports/open-items").ok()["data"]
    assert item["due"] == "119.00"


def test_an_amount_without_a_proof_is_left_to_users(api: Client, issued: Json) -> None:
    assert issued["due"] == "119.00"
    found = received(api, "Zahlung")
    assert (found["status"], found["suggestions"]) == ("open", [])


def test_a_payer_is_known_from_an_allocation_by_hand(api: Client, issued: Json) -> None:
    first = received(api, "Zahlung")
    api.post(f"/bank-transactions/{first['id']}/allocations", {"allocations": [{"invoice_id": issued["id"]}]}).ok()
    mine, foreign = another(api, issued["customer_id"]), another(api)
    [suggestion] = received(api, "Danke")["suggestions"]
    assert (suggestion["confidence"], suggestion["why"]) == ("likely", ["known_iban", "amount_due"])
    assert suggestion["documents"][0]["invoice_id"] == mine["id"]
    found = received(api, foreign["number"])
    assert (found["status"], found["suggestions"][0]["confidence"]) == ("open", "possible")
    api.post(f"/customers/{issued['customer_id']}/erase", raw=b"").ok()
    assert deliver("erase_copies", details("customer.erased")[-1]) == []
    assert received(api, foreign["number"])["status"] == "allocated"


@pytest.mark.parametrize(
    ("parts", "day", "status"),
    [
        (["119.00"], "2026-03-09", "open"),
        (["60.00", "59.00"], "2026-02-23", "open"),
        (["119.00"], "2026-02-22", "allocated"),
        (["60.00"], "2026-03-02", "allocated"),
    ],
)
def test_money_that_users_recorded_is_not_booked_again(
    api: Client, issued: Json, parts: list[str], day: str, status: str, at: Clock
) -> None:
    at.now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    other = another(api, issued["customer_id"])
    paid = [api.post(f"/invoices/{other['id']}/payments", {"amount": one, "date": day}).ok(201)["id"] for one in parts]
    found = received(api, issued["number"])
    assert found["status"] == status
    shown = {one["payment_id"] for one in found["recorded_payments"]}
    assert shown == ({*paid} if status == "open" else set())
    if status == "open":
        [suggestion] = found["suggestions"]
        assert (suggestion["confidence"], suggestion["why"][-1]) == ("possible", "payment_recorded")
        api.delete(f"/invoices/{other['id']}/payments/{paid[0]}").ok()
        run = api.post("/bank-matching-runs", {}).ok()
        assert run["data"][0]["outcome"] == "allocated"


def test_a_part_that_users_recorded_is_not_booked_again(api: Client, issued: Json) -> None:
    lines = [line_json(unit_price="200.00", quantity="1")]
    draft = api.post("/invoices", invoice_json(customer_id=issued["customer_id"], lines=lines)).ok(201)
    document = api.post(f"/invoices/{draft['id']}/finalize").ok()
    half = api.post(f"/invoices/{draft['id']}/payments", {"amount": "119.00", "date": f"{DAY}"}).ok(201)
    found = received(api, document["number"])
    assert (found["status"], found["suggestions"][0]["confidence"]) == ("open", "possible")
    assert [one["payment_id"] for one in found["recorded_payments"]] == [half["id"]]


def test_freed_money_is_left_to_users(api: Client, issued: Json) -> None:
    found = received(api, issued["number"])
    api.delete(f"/bank-transactions/{found['id']}/allocations/{found['allocations'][0]['payment_id']}").ok()
    event = event_of(found["id"])
    assert deliver("allocate_bank_transactions", {**event, "id": event["id"][:-1] + "0"}) == []
    after = api.get(f"/bank-transactions/{found['id']}").ok()
    assert (after["status"], after["suggestions"][0]["confidence"]) == ("open", "certain")


def test_a_statement_out_of_balance_books_nothing(api: Client, issued: Json) -> None:
    month = Month([Movement(DAY, Decimal("119.00"), issued["number"])])
    content = camt_of(month).replace(b"1119.00", b"1120.00")
    imported(api, content)
    assert deliver("allocate_bank_transactions", *details("bank_transaction.received")) == []
    assert transactions(api)[0]["status"] == "open"


def test_each_source_ends_in_the_same_payments(api: Client, issued: Json) -> None:
    invoices = [issued, another(api), another(api)]
    month = Month([Movement(DAY, Decimal("119.00"), f"Rechnung {one['number']}") for one in invoices])
    imported(api, mt940_of(month))
    imported(api, camt_of(month))
    imported(api, csv_of(month), csv_profile=PROFILE, bank_account_id="main")
    api.post("/bank-transactions", feed(month)).ok()
    assert deliver("allocate_bank_transactions", *details("bank_transaction.received")) == []
    assert {one["status"] for one in transactions(api)} == {"allocated"}
    assert len(api.get("/payments").ok()["data"]) == len(transactions(api)) == 3
