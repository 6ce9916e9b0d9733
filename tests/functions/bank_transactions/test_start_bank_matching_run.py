"""POST /bank-matching-runs"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.aws import AwsCalls
from tests.bank import Month, Movement, camt_of, feed, imported, transactions
from tests.events import deliver, details
from tests.gateway import Client

DAY = date(2026, 3, 2)
Json = dict[str, Any]


@pytest.fixture
def waiting(api: Client, issued: Json) -> Json:
    """Transactions that came before their invoice was issued, with others."""
    texts = [("119.00", f"Rechnung {issued['number']}"), ("100.00", "Spende"), ("-4.50", "Entgelt")]
    movements = [Movement(DAY.replace(day=day), Decimal(amount), text) for day, (amount, text) in enumerate(texts, 2)]
    api.post("/bank-transactions", feed(Month(movements))).ok()
    return issued


def run(api: Client, **body: Any) -> Json:
    found: Json = api.post("/bank-matching-runs", body).ok()
    return found


def reasons(found: Json) -> list[tuple[str, list[str]]]:
    return [(one["outcome"], one["why"]) for one in found["data"]]


EXPECTED = [
    ("allocated", ["document_number", "amount_due"]),
    ("left", ["no_document"]),
    ("left", ["money_out"]),
]


def test_a_dry_run_lists_results_and_writes_nothing(api: Client, waiting: Json, aws: AwsCalls) -> None:
    with aws.only("start_bank_matching_run") as asked:
        found = run(api, dry_run=True)
    assert asked.names["dynamodb:TransactWriteItems"] == 0
    assert reasons(found) == EXPECTED
    assert (found["dry_run"], found["has_more"], found["next_cursor"]) == (True, False, None)
    assert api.get(f"/invoices/{waiting['id']}").ok()["due"] == "119.00"


def test_open_transactions_are_allocated_with_reasons(api: Client, waiting: Json) -> None:
    found = run(api)
    assert reasons(found) == EXPECTED
    [suggestion] = found["data"][0]["suggestions"]
    assert (suggestion["confidence"], suggestion["documents"][0]["invoice_id"]) == ("certain", waiting["id"])
    paid = transactions(api, "&status=allocated")
    assert paid[0]["allocations"][0]["why"] == ["document_number", "amount_due"]
    assert api.get(f"/invoices/{waiting['id']}").ok()["status"] == "paid"
    assert reasons(run(api)) == EXPECTED[1:]


def test_a_run_has_pages(api: Client, waiting: Json) -> None:
    assert waiting
    first = run(api, limit=2)
    assert (len(first["data"]), first["has_more"]) == (2, True)
    rest = run(api, limit=2, cursor=first["next_cursor"])
    assert reasons(first) + reasons(rest) == EXPECTED
    assert run(api, booked_from="2026-03-03", booked_to="2026-03-03")["data"] == first["data"][1:]
    assert api.post("/bank-matching-runs", {"bank_account_id": "other"}).status == 404
    refused = api.post("/bank-matching-runs", {"cursor": "x" * 40})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/cursor")


def test_a_repeated_request_gets_the_same_response(api: Client, waiting: Json) -> None:
    headers = {"Idempotency-Key": "again"}
    first, again = (api("POST", "/bank-matching-runs", {}, headers=headers) for _ in range(2))
    assert (first.json, reasons(first.json)) == (again.json, EXPECTED)
    assert len(api.get(f"/invoices/{waiting['id']}/payments").ok()["data"]) == 1


@pytest.mark.parametrize(
    ("amount", "auto", "why"),
    [
        ("119.00", "off", ["document_number", "amount_due", "auto_off"]),
        ("100.00", "certain", ["document_number", "less_than_due", "not_sure_enough"]),
        ("120.00", "likely", ["document_number", "more_than_due", "not_sure_enough"]),
    ],
)
def test_a_suggestion_names_its_obstacle(api: Client, issued: Json, amount: str, auto: str, why: list[str]) -> None:
    api.patch("/tenant", {"bank_matching": {"auto": auto}}).ok()
    api.post("/bank-transactions", feed(Month([Movement(DAY, Decimal(amount), issued["number"])]))).ok()
    assert reasons(run(api)) == [("suggested", why)]


def test_a_reversed_allocation_is_left_to_users(api: Client, waiting: Json) -> None:
    paid = run(api)["data"][0]["transaction_id"]
    allocation = api.get(f"/bank-transactions/{paid}").ok()["allocations"][0]
    api.delete(f"/bank-transactions/{paid}/allocations/{allocation['payment_id']}").ok()
    assert reasons(run(api))[0] == ("suggested", ["document_number", "amount_due", "reversed_before"])
    api.post(f"/bank-transactions/{paid}/allocations", {"allocations": [{"invoice_id": waiting["id"]}]}).ok()
    assert reasons(run(api)) == EXPECTED[1:]


def test_a_run_books_nothing_of_an_unbalanced_statement(api: Client, issued: Json) -> None:
    month = Month([Movement(DAY, Decimal("119.00"), issued["number"])])
    [statement] = imported(api, camt_of(month).replace(b"1119.00", b"1120.00"))
    found = run(api, statement_id=statement["id"])
    assert reasons(found) == [("suggested", ["document_number", "amount_due", "statement_unbalanced"])]


def test_the_rule_and_a_run_allocate_once(api: Client, waiting: Json) -> None:
    run(api)
    assert deliver("allocate_bank_transactions", *details("bank_transaction.received")) == []
    assert len(api.get(f"/invoices/{waiting['id']}/payments").ok()["data"]) == 1
