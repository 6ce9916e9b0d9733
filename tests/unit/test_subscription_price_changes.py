"""Random changes of items with prices of the catalogue: the documents add up to the prices of each day."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any

import pytest

from invoicing.catalogue.interval import Interval
from invoicing.catalogue.lines import KnownPrice
from invoicing.catalogue.price import PriceSummary
from invoicing.core.model import copied
from tests.builders import item_json
from tests.unit.test_price_models import VAT, offer, tier
from tests.unit.test_subscription_changes import ChangedLife, check_life

PRICES: dict[str, tuple[str, str | None, dict[str, Any]]] = {
    "unit": ("unit", None, {"unit_amount": "12.34"}),
    "dearer": ("unit", None, {"unit_amount": "31.00"}),
    "minimum": ("unit", "50.00", {"unit_amount": "9.99"}),
    "graduated": (
        "graduated",
        None,
        {"tiers": [tier("2", "10.00", "7.00"), tier("5", "5.00", "5.00"), tier(None, "5.00")]},
    ),
    "volume": ("volume", "20.00", {"tiers": [tier("3", "10.00"), tier("6", "8.00", "3.33"), tier(None, "6.00")]}),
    "stairs": ("volume", None, {"tiers": [tier("4", None, "50.00"), tier(None, None, "90.00")]}),
    "package": ("package", None, {"unit_amount": "17.00", "package_size": "3", "free_quantity": "2"}),
}


def known(model: str, minimum: str | None, amounts: dict[str, Any]) -> KnownPrice:
    """A monthly price with one version."""
    what = offer(model, minimum, **amounts)
    summary = copied(PriceSummary, what.price).model_copy(
        update={"interval": Interval(unit="month"), "timing": "advance"}
    )
    return KnownPrice(what.product.model_copy(update={"tax": VAT}), summary, {1: what.version})


def amount_of(name: str, quantity: Decimal) -> Fraction:
    """The amount of a full period, by a calculation of its own."""
    model, minimum, amounts = PRICES[name]
    found, q = Fraction(0), Fraction(quantity)
    if not q:
        return found
    match model:
        case "unit":
            found = q * Fraction(amounts["unit_amount"])
        case "package":
            packages = ceil(
                max(q - Fraction(amounts["free_quantity"]), Fraction(0)) / Fraction(amounts["package_size"])
            )
            found = packages * Fraction(amounts["unit_amount"])
        case _:
            start = Fraction(0)
            for one in amounts["tiers"]:
                end = Fraction(one["up_to"]) if one["up_to"] else None
                is_touched, is_last = q > start, end is None or q <= end
                units = min(q, end or q) - start if model == "graduated" else q
                if is_touched and (model == "graduated" or is_last):
                    found += units * Fraction(one["unit_amount"] or 0) + Fraction(one["flat_amount"] or 0)
                if is_last:
                    break
                start = end or start
    return max(found, Fraction(minimum or 0))


class PricedLife(ChangedLife):
    """A subscription whose items have prices of the catalogue."""

    def __init__(self, random: Random, **fields: Any) -> None:
        catalogue = {name: known(*facts) for name, facts in PRICES.items()}
        self.names = {one.price.id: name for name, one in catalogue.items()}
        self.ids = {name: id_ for id_, name in self.names.items()}
        prices = {one.price.id: one for one in catalogue.values()}
        items = [
            {"price_id": self.ids[random.choice(list(PRICES))], "quantity": str(random.randint(1, 9))},
            {"price_id": self.ids[random.choice(list(PRICES))], "quantity": "4", "start_date": "2026-01-25"},
            item_json("Plan", "31.00"),
        ]
        super().__init__(random, items=items, prices=prices, **fields)

    def amount(self, price: Decimal | str, quantity: Decimal) -> Fraction:
        return amount_of(self.names[price], quantity) if isinstance(price, str) else super().amount(price, quantity)

    def _body(self) -> dict[str, Any]:
        random = self.random
        quantity, price_id = str(random.randint(1, 9)), self.ids[random.choice(list(PRICES))]
        id_ = random.choice(self.found.items).id
        changes: list[dict[str, Any]] = [
            {"op": "set", "item_id": id_, "quantity": quantity},
            {"op": "set", "item_id": id_, "price_id": price_id},
            {"op": "set", "item_id": id_, "price_id": price_id, "quantity": quantity},
            {"op": "add", "item": {"price_id": price_id, "quantity": quantity}},
            {"op": "remove", "item_id": id_},
        ]
        body: dict[str, Any] = {"items": [random.choice(changes)]}
        if random.random() < 0.5:
            body |= {"at": "date", "on": (self.today + timedelta(days=random.randint(-5, 40))).isoformat()}
        if random.random() < self.restarts:
            body["anchor"] = "restart"
        return body


def check_priced(seed: int) -> None:
    random = Random(seed)
    life = PricedLife(random, anchor={"day": 1 + seed % 31}, lead_days=seed % 4)
    check_life(life, seed)


def test_documents_add_up_to_the_prices_of_each_day() -> None:
    for seed in range(60):
        check_priced(seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(40))
def test_forty_thousand_priced_lives_add_up(part: int) -> None:
    for seed in range(part * 1_000, (part + 1) * 1_000):
        check_priced(seed)
