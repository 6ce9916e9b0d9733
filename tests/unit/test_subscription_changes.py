"""Random changes of items, with released and early billed periods: the documents add up to the terms of each day."""

from random import Random

import pytest

from tests.builders import item_json
from tests.unit.subscription_lives import ChangedLife, check_life


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


@pytest.mark.slow
@pytest.mark.parametrize("part", range(40))
def test_forty_thousand_lives_add_up(part: int) -> None:
    for seed in range(part * 1_000, (part + 1) * 1_000):
        check_changes(seed)
