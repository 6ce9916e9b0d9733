"""Days on which no item runs belong to no period. If an item is added to them, each of its days is charged."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from tests.builders import item_json
from tests.unit.subscription_lives import DAY, Wanted, check_life
from tests.unit.test_subscription_revocations import CanceledLife, changed, january
from tests.unit.test_subscription_sequences import START


@pytest.mark.parametrize(("once", "amounts"), [(True, [2800]), (False, [700, 1800])], ids=["once", "monthly"])
def test_an_item_added_between_billed_periods_is_charged(once: bool, amounts: list[int]) -> None:
    """No item runs from 10 to 19 February. The days from the 20th on are billed ahead, 18 of 28."""
    life = january(item_json("Plan", "31.00"), item_json("Später", "28.00", start_date="2026-02-20"))
    changed(life, "2026-02-10", op="remove", item_id=life.found.items[0].id)
    life.bill_early()
    added = item_json("Zusatz", "28.00", once=once)
    assert changed(life, "2026-02-13", op="add", item=added) == [3100, 1800, *amounts]
    assert [row.id for row in life.rows.values() if row.status == "skipped"] == ["1m-advance.2026-02-13"]


def test_days_between_periods_are_charged_after_an_end() -> None:
    """As above. The item is added before an end on 9 February, from the 3rd on: 7 of 31 days."""
    life = january(item_json("Plan", "31.00"), item_json("Später", "28.00", start_date="2026-02-20"))
    changed(life, "2026-02-10", op="remove", item_id=life.found.items[0].id)
    life.bill_early()
    life.cancel_on("2026-02-09")
    assert changed(life, "2026-02-03", op="add", item=item_json("Zusatz", "28.00")) == [3100, 1800, 632]
    life.revoke()
    assert list(life.left.values()) == [3100, 1800, 632, 1000, 1800]


def test_an_item_of_a_free_period_has_its_terms_changed() -> None:
    """An item is added to a free period, then doubled, and gets another price."""
    life = CanceledLife(Random(0), items=[item_json("Frei", "31.00", first="free")], anchor={"day": 1})
    life.bill_due()
    assert changed(life, "2026-01-10", op="add", item=item_json("Zusatz", "31.00")) == [2200]
    added = life.found.items[1].id
    assert changed(life, "2026-01-22", op="set", item_id=added, quantity="2") == [2200, 1000]
    other = item_json("Zusatz", "62.00")["line"]
    assert changed(life, "2026-01-27", op="set", item_id=added, line=other) == [1700, 500, 2000]


class LifeWithGaps(CanceledLife):
    """A subscription whose items are removed before others begin. All days up to the last billed one are owed."""

    restarts = 0

    def _body(self) -> dict[str, Any]:
        random = self.random
        if random.random() < 0.6:
            item = item_json("Zusatz", f"{random.randint(1, 90)}.00", once=random.random() < 0.4)
            on = self.today + timedelta(days=random.randint(-15, 60))
            added = {"op": "add", "item": item}
            return {"items": [added], "at": "date", "on": on.isoformat(), **self._billed()}
        return super()._body()

    @property
    def owed(self) -> Fraction:
        billed = {one.code: one.billed_through or date.min for one in self.found.tracks}
        found = Fraction(0)
        for item in self.found.items:
            day = item.first_day(START)
            while not item.once and day <= billed[item.track]:
                full = self.found.span_of(day).grid(item.interval).full_period(day)
                found += self.amount_of(day, [item.id]) / full.of
                day += DAY
        return found


def check_gaps(seed: int) -> None:
    random = Random(seed)
    starts = [START + timedelta(days=random.randint(*days)) for days in ((20, 70), (60, 120))]
    items = [item_json("Später", "31.00", start_date=one.isoformat()) for one in starts]
    lead_days = seed // 2 % 2 * 31
    life = LifeWithGaps(
        random, items=[item_json("Plan", "31.00"), *items], anchor={"day": 1 + seed % 31}, lead_days=lead_days
    )
    life.bill_due()
    plan, following = life.found.items[0].id, life.found.tracks[0].next
    if following:
        changed(life, following.start.isoformat(), op="remove", item_id=plan)
        life.wanted[plan].append(Wanted(following.start, None, Decimal(0)))
    check_life(life, seed)


def test_random_lives_with_gaps_charge_each_day() -> None:
    for seed in range(60):
        check_gaps(seed)


@pytest.mark.slow
def test_many_lives_with_gaps_charge_each_day() -> None:
    for seed in range(4_000):
        check_gaps(seed)
