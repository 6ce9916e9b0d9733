"""GET /bank-transactions"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.bank import Month, Movement, camt_of, feed, imported, transactions
from tests.builders import customer_json
from tests.events import deliver, details
from tests.gateway import Client

MONTH = Month(
    [
        Movement(date(2026, 3, 2), Decimal("119.00"), "one"),
        Movement(date(2026, 3, 3), Decimal("-4.50"), "two"),
        Movement(date(2026, 3, 4), Decimal("119.00"), "three"),
    ]
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["one", "two", "three"]),
        ("&status=open&direction=credit", ["one", "three"]),
        ("&booked_from=2026-03-03&booked_to=2026-03-03", ["two"]),
        ("&amount=119", ["one", "three"]),
        ("&amount=4.5&bank_account_id=main", ["two"]),
        ("&bank_account_id=other", []),
    ],
)
def test_transactions_are_found_by_their_fields(api: Client, query: str, expected: list[str]) -> None:
    [statement] = imported(api, camt_of(MONTH))
    assert [one["remittance"] for one in transactions(api, query)] == expected
    assert len(transactions(api, f"&statement_id={statement['id']}")) == 3


def test_transactions_are_found_by_confidence_and_customer(api: Client, issued: dict[str, Any]) -> None:
    texts = [("50.00", issued["number"]), ("7.00", "Spende"), ("119.00", "Danke"), ("119.00", issued["number"])]
    names = ["Reederei AG", "Reederei AG", "Baeckerei Suess", "Reederei AG"]
    movements = [Movement(date(2026, 3, day), Decimal(amount), text, name)
                 for day, ((amount, text), name) in enumerate(zip(texts, names, strict=True), 2)]  # fmt: skip
    api.post("/bank-transactions", feed(Month(movements))).ok()
    before = transactions(api)
    [*events] = details("bank_transaction.received")
    assert deliver("allocate_bank_transactions", *events[:3]) == []

    def found(query: str) -> list[str]:
        return [one["value_date"][-1] for one in transactions(api, query)]

    mine, other = issued["customer_id"], api.post("/customers", customer_json(name="Werft")).ok(201)["id"]
    assert (found("&confidence=likely"), found("&confidence=possible")) == (["2"], [])
    assert [one["version"] for one in transactions(api)] == [one["version"] for one in before]
    api.post("/bank-matching-runs", {"dry_run": True}).ok()
    assert found("&confidence=possible") == []
    api.post("/bank-matching-runs", {"booked_to": "2026-03-04"}).ok()
    assert (found("&confidence=possible"), found(f"&customer_id={mine}")) == (["4"], ["2", "4"])
    api.post("/bank-matching-runs", {"booked_from": "2026-03-05"}).ok()
    assert found(f"&customer_id={mine}&status=allocated&confidence=certain") == ["5"]
    api.post("/bank-matching-runs", {}).ok()
    # The invoice is paid now, so that the one that names it would be too much, and the other one has no document.
    assert (found("&confidence=likely"), found("&confidence=possible")) == ([], ["2"])
    assert (found(f"&customer_id={other}"), found(f"&customer_id={mine}")) == ([], ["2", "5"])
