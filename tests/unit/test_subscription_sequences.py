"""Random cancellations, revocations, releases and bills by hand: each day is on one period, and billed once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.subscriptions.billing.bills import bill
from invoicing.subscriptions.canceling import canceled, revoked
from invoicing.subscriptions.changing.applying import in_force_at_next
from invoicing.subscriptions.ledger import Due, SubscriptionPeriod
from invoicing.subscriptions.model import Subscription
from invoicing.subscriptions.requests import SetCancellation
from invoicing.subscriptions.schedule import due_of, dues_at, is_due
from tests.builders import item_json
from tests.unit.test_subscription_schedule import BUYER, COMPANY, subscription

START = date(2026, 1, 10)


class Life:
    """A subscription and its ledger in memory."""

    def __init__(self, random: Random, **fields: Any) -> None:
        self.random = random
        self.today = START
        self.found: Subscription = subscription(START, **fields)
        self.rows: dict[str, SubscriptionPeriod] = {}

    @property
    def moment(self) -> Moment:
        at = datetime.combine(self.today, datetime.min.time(), UTC) + timedelta(hours=12)
        return Moment(Caller.system(COMPANY.id), at, "Europe/Berlin")

    def bill(self, *dues: Due) -> None:
        made = bill(
            self.found,
            dues,
            new_id("inv", self.moment.at),
            customer=BUYER,
            tenant=COMPANY,
            moment=self.moment,
        )
        self.found = made.subscription
        self.rows |= {one.id: one for one in made.periods}

    def pass_days(self) -> None:
        self.today += timedelta(days=self.random.randint(0, 15))
        self.bill_due()

    def bill_due(self) -> None:
        local = datetime.combine(self.today, datetime.min.time(), UTC).replace(hour=12)
        while is_due(self.found, local):
            self.found = in_force_at_next(self.found)
            if is_due(self.found, local):
                self.bill(*dues_at(self.found, local))

    def cancel(self) -> None:
        on = self.today + timedelta(days=self.random.randint(0, 50))
        if self.found.status_on(self.today) != "ended":
            self.found = canceled(self.found, SetCancellation(at="date", on=on), self.moment)

    def revoke(self) -> None:
        if self.found.cancellation and self.found.status_on(self.today) != "ended":
            self.found = revoked(self.found, self.moment)

    def release(self) -> None:
        billed = [one for one in self.rows.values() if one.invoice_id]
        if billed:
            row = self.random.choice(billed)
            self.rows[row.id] = row.released(self.moment)

    def bill_by_hand(self) -> None:
        released = [one for one in self.rows.values() if one.status == "released"]
        if released:
            self.bill(due_of(self.found, self.random.choice(released)))

    def settle(self) -> None:
        """Bill all that is open, as a user would in the end."""
        while any(one.status == "released" for one in self.rows.values()):
            self.bill_by_hand()
        self.bill_due()

    @property
    def billed_days(self) -> int:
        return sum(item.days for row in self.rows.values() if row.invoice_id for item in row.items)


def check_life(seed: int, **fields: Any) -> Life:
    life = Life(random := Random(seed), **fields)
    life.bill_due()
    steps = [life.pass_days, life.cancel, life.revoke, life.release, life.bill_by_hand]
    for _ in range(random.randint(3, 20)):
        random.choice(steps)()
    life.settle()
    rows = sorted(life.rows.values(), key=lambda one: one.start)
    for one, two in pairwise(rows):
        assert one.end + timedelta(days=1) == two.start
    return life


TIMINGS = ("advance", "arrears")


def check_days(seed: int) -> None:
    item = item_json("Plan", "31.00", timing=TIMINGS[seed % 2])
    life = check_life(seed, items=[item], anchor={"day": 1 + seed % 31})
    rows = sorted(life.rows.values(), key=lambda one: one.start)
    assert life.billed_days == ((rows[-1].end - START).days + 1 if rows else 0)


def check_full(seed: int) -> None:
    """Each of the 22 days at the full price has the same part of it, although cancellations split the period."""
    life = check_life(seed, items=[item_json("Plan", "31.00", first="full")], anchor={"day": 1})
    stub = [one for one in life.rows.values() if one.start < date(2026, 2, 1)]
    days = sum((one.end - one.start).days + 1 for one in stub)
    billed = sum((item.net for one in stub for item in one.items), Decimal(0))
    assert abs(billed - Decimal(31) * days / 22) <= Decimal("0.01") * len(stub)


def test_random_lives_bill_each_day_once() -> None:
    for seed in range(60):
        check_days(seed)
        check_full(seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(20))
def test_many_random_lives_bill_each_day_once(part: int) -> None:
    for seed in range(part * 1_000, (part + 1) * 1_000):
        check_days(seed)
        check_full(seed)
