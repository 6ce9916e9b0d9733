"""POST /bank-transactions"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.bank import Month, Movement, camt_of, feed, imported, transactions
from tests.events import details
from tests.gateway import Client
from tests.races import meanwhile

COFFEE = Movement(date(2026, 3, 2), Decimal("-4.50"), "Kaffee")
MONTH = Month([COFFEE, COFFEE, Movement(date(2026, 3, 3), Decimal("119.00"), "INV-1", end_to_end_id="E-1")])


def outcomes(api: Client, month: Month, first: int = 0) -> list[str]:
    return [one["outcome"] for one in api.post("/bank-transactions", feed(month, first)).ok()["data"]]


def test_an_external_id_is_a_transaction_once(api: Client) -> None:
    assert outcomes(api, MONTH) == ["created"] * 3
    assert outcomes(api, MONTH) == ["duplicate"] * 3
    assert len(transactions(api)) == 3
    [statement] = api.get("/bank-statements").ok()["data"]
    assert (statement["source"], statement["status"], statement["new"]) == ("feed", "done", 3)


def test_a_twin_with_another_id_is_another_transaction(api: Client) -> None:
    assert outcomes(api, MONTH.part(0, 1, "1")) == ["created"]
    assert outcomes(api, MONTH.part(1, 2, "1"), 1) == ["created"]


def test_a_statement_and_the_feed_share_their_transactions(api: Client) -> None:
    imported(api, camt_of(MONTH))
    assert outcomes(api, MONTH) == ["duplicate"] * 3
    assert len(transactions(api)) == len(details("bank_transaction.received")) == 3


def test_a_known_id_with_another_amount_is_refused(api: Client) -> None:
    outcomes(api, MONTH)
    body = feed(MONTH, 0)
    body["transactions"][1]["amount"] = "4.60"
    refused = api.post("/bank-transactions", body)
    assert (refused.status, refused.code) == (409, "EXTERNAL_ID_DIFFERS")
    assert refused.json["errors"][0]["pointer"] == "/transactions/1/external_id"
    body["transactions"][1]["external_id"] = body["transactions"][0]["external_id"]
    assert api.post("/bank-transactions", body).status == 400
    assert api.post("/bank-transactions", {**body, "bank_account_id": "none"}).status in (400, 422)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"charges": "1.001"}, "charges"),
        ({"original_amount": {"amount": "1.00", "currency": "JPY"}}, "original_amount/amount"),
    ],
)
def test_each_amount_has_the_decimals_of_its_currency(api: Client, more: dict[str, Any], place: str) -> None:
    body = feed(MONTH)
    body["transactions"][1] |= more
    refused = api.post("/bank-transactions", body)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, f"/transactions/1/{place}")


def test_many_transactions_take_several_commits(api: Client) -> None:
    month = Month([COFFEE._replace(text=f"Nummer {number}") for number in range(50)])
    assert outcomes(api, month) == ["created"] * 50
    [statement] = api.get("/bank-statements").ok()["data"]
    assert len(transactions(api, f"&statement_id={statement['id']}")) == statement["new"] == 50


def test_two_feeds_at_once_store_a_transaction_once(api: Client) -> None:
    with meanwhile(lambda: outcomes(api, MONTH)):
        assert outcomes(api, MONTH) == ["duplicate"] * 3
    assert len(transactions(api)) == 3


def test_a_return_has_its_reason_and_its_batch(api: Client) -> None:
    body = feed(Month([COFFEE._replace(returned="AC04", batch="F-1-1", mandate="M-1")]))
    api.post("/bank-transactions", body).ok()
    [found] = transactions(api)
    assert (found["return"], found["payment_information_id"]) == ({"code": "AC04", "reason": None}, "F-1-1")
    assert found["mandate_reference"] == "M-1"
    body["transactions"][0] |= {"external_id": "other", "return": {"code": "not one"}}
    refused = api.post("/bank-transactions", body)
    assert refused.json["errors"][0]["pointer"] == "/transactions/0/return/code"
