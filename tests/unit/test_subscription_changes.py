"""Random changes of items, with released and early billed periods: the documents add up to the terms of each day."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from tests.builders import item_json
from tests.unit.subscription_lives import ChangedLife, check_life
from tests.unit.test_subscription_sequences import START


def check_changes(seed: int) -> None:
    random = Random(seed)
    items = [
        item_json("Plan", "31.00"),
        item_json("Arbeitsplatz", "12.34", quantity="5"),
        item_json("Später", "31.00", start_date="2026-01-25"),
        item_json("Kurz", "17.00", end_date="2026-03-17"),
        item_json("Einrichtung", "100.00", once=True),
        item_json("Abnahme", "50.00", once=True, start_date="2026-02-20"),
    ]
    if seed % 3 == 1:
        items.append(item_json("Voll", "60.00", first=random.choice(["full", "free"]), start_date="2026-01-18"))
    life = ChangedLife(random, items=items, anchor={"day": 1 + seed % 31}, lead_days=seed % 4)
    check_life(life, seed)


def test_documents_add_up_to_the_terms_of_each_day() -> None:
    for seed in range(60):
        check_changes(seed)


class PlannedLife(ChangedLife):
    """A subscription whose changes are known in advance."""

    def __init__(self, changes: list[dict[str, Any]], first: str) -> None:
        items = [item_json("Plan", "31.00"), item_json("Voll", "60.00", first=first, quantity="5")]
        super().__init__(Random(0), items=items, anchor={"day": 1})
        self.ahead = changes

    def _body(self) -> dict[str, Any]:
        change = self.ahead[0] | ({"item_id": self.found.items[1].id} if self.ahead[0]["op"] != "add" else {})
        on, self.ahead = change.pop("on"), self.ahead[1:]
        return {"items": [change], "at": "date", "on": on}


def planned_changes(random: Random) -> list[dict[str, Any]]:
    """Changes of an item in its first period, in the order of their days, and another item that begins in it."""
    days = sorted(random.randint(0, 20) for _ in range(random.randint(1, 5)))
    changes: list[dict[str, Any]] = []
    for place, day in enumerate(days):
        price, quantity = f"{random.randint(1, 90)}.99", str(random.randint(1, 9))
        wanted: list[dict[str, Any]] = [
            {"op": "set", "quantity": quantity},
            {"op": "set", "line": item_json("Plan", price)["line"]},
            {"op": "add", "item": item_json("Zusatz", price, quantity=quantity, first=random.choice(["full", "free"]))},
            *([{"op": "remove"}] if place == len(days) - 1 else []),
        ]
        changes.append(random.choice(wanted) | {"on": (START + timedelta(days=day)).isoformat()})
    return changes


def check_order(changes: list[dict[str, Any]], first: str, billed: int | None) -> Fraction:
    """Bill the first period before one of its changes, or after all and once more. Returns its amount by its terms."""
    life = PlannedLife(changes, first)
    life.today = date(2026, 1, 31)
    for place in range(len(changes)):
        if place == billed:
            life.bill_due()
        life.change()
    life.bill_due()
    while billed is None and any(row.invoice_id for row in life.rows.values()):
        life.release()
    life.settle()
    assert abs(sum(life.left.values()) - life.owed) <= life.roundings, (changes, billed)
    return life.owed


def test_a_first_period_costs_the_same_in_each_order() -> None:
    """A change before the bill, after it, and before the bill by hand of a canceled invoice."""
    for seed in range(18):
        changes, first = planned_changes(Random(seed)), ["full", "free", "prorate"][seed % 3]
        orders = [None, *range(len(changes) + 1)]
        assert len({check_order(changes, first, one) for one in orders}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("part", range(40))
def test_forty_thousand_lives_add_up(part: int) -> None:
    for seed in range(part * 1_000, (part + 1) * 1_000):
        check_changes(seed)
