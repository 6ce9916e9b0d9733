"""The ledger of a subscription: rows that were written before they stated the days of each line."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicing.subscriptions.ledger import PeriodItem, SubscriptionPeriod

DAYS: dict[str, Any] = {"start": date(2026, 3, 10), "end": date(2026, 4, 9)}
PERIOD = SubscriptionPeriod.model_construct(**DAYS)


@pytest.mark.parametrize(
    ("first_day", "days", "start", "end"),
    [
        (date(2026, 3, 1), 31, date(2026, 3, 10), date(2026, 4, 9)),
        (date(2026, 3, 25), 16, date(2026, 3, 25), date(2026, 4, 9)),
        (date(2026, 3, 1), 11, date(2026, 3, 10), date(2026, 3, 20)),
        (date(2026, 3, 25), 31, date(2026, 3, 25), date(2026, 4, 9)),
    ],
    ids=["whole period", "begins in it", "ends in it", "full price of a part"],
)
def test_days_of_older_rows_follow_from_their_number(first_day: date, days: int, start: date, end: date) -> None:
    stated: dict[str, Any] = {"days": days, "of": 31, "quantity": Decimal(2)}
    older = PeriodItem.model_construct(**stated)
    dated = older.dated(PERIOD, first_day)
    assert (dated.start, dated.end) == (start, end)
    assert dated.dated(PERIOD, date(2026, 3, 30)) == dated
