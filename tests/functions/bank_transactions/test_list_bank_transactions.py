"""GET /bank-transactions"""

from datetime import date
from decimal import Decimal

import pytest

from tests.bank import Month, Movement, camt_of, imported, transactions
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
