"""GET /bank-statements"""

from datetime import date
from decimal import Decimal

from tests.bank import Month, Movement, camt_of, imported
from tests.gateway import Client


def test_statements_are_listed_by_their_last_day(api: Client) -> None:
    for number, day in enumerate((5, 2, 9), 1):
        month = Month([Movement(date(2026, 3, day), Decimal("1.00"), "x")], number=str(number))
        imported(api, camt_of(month))
    found = api.get("/bank-statements?bank_account_id=main&status=done").ok()["data"]
    assert [one["to"] for one in found] == ["2026-03-09", "2026-03-05", "2026-03-02"]
    found = api.get("/bank-statements?ended_from=2026-03-03&ended_to=2026-03-05").ok()["data"]
    assert [one["number"] for one in found] == ["1"]
