"""Random changes of items with prices of the catalogue: the documents add up to the prices of each day."""

from collections import ChainMap
from datetime import date, timedelta
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
from tests.unit.subscription_lives import ChangedLife, check_life
from tests.unit.test_price_models import VAT, offer, tier
from tests.unit.test_subscription_sequences import START

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
"""The models of the prices, with their minimum and amounts in euros."""
ONCE: tuple[str, str | None, dict[str, Any]] = ("unit", None, {"unit_amount": "99.00"})
"""A price without an interval, which is billed once."""
MONTHLY = Interval(unit="month")
FACTORS = {"EUR": 1, "USD": 3, "JPY": 100}
"""The amounts in each currency, as multiples of those in euros."""


def known(model: str, minimum: str | None, amounts: dict[str, Any], interval: Interval | None = MONTHLY) -> KnownPrice:
    """A price with one version, which has amounts in several currencies."""
    what = offer(model, minimum, **amounts)
    summary = copied(PriceSummary, what.price).model_copy(update={"interval": interval, "timing": "advance"})
    versions = [
        offer(model, minimum and written(minimum, factor), currency=currency, **times(factor, amounts)).version
        for currency, factor in FACTORS.items()
    ]
    facts = {name: dict(ChainMap(*(getattr(one, name) for one in versions))) for name in ("amounts", "minimum")}
    return KnownPrice(what.product.model_copy(update={"tax": VAT}), summary, {1: what.version.model_copy(update=facts)})


def written(amount: str, factor: int) -> str:
    """An amount in another currency: whole ones without decimals, as yen have none."""
    return str(int(amount.replace(".", ""))) if factor == 100 else str(Decimal(amount) * factor)


def times(factor: int, amounts: dict[str, Any]) -> dict[str, Any]:
    """The amounts of a price in another currency; its quantities stay."""
    if tiers := amounts.get("tiers"):
        return {"tiers": [times(factor, one) for one in tiers]}
    found = {name: amounts.get(name) for name in ("unit_amount", "flat_amount")}
    return amounts | {name: written(value, factor) for name, value in found.items() if value is not None}


def amount_of(name: str, quantity: Decimal) -> Fraction:
    """The amount of a full period in euros, by a calculation of its own."""
    model, minimum, amounts = PRICES.get(name, ONCE)
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
        catalogue["once"] = known(*ONCE, interval=None)
        self.names = {one.price.id: name for name, one in catalogue.items()}
        self.ids = {name: id_ for id_, name in self.names.items()}
        prices = {one.price.id: one for one in catalogue.values()}
        items: list[dict[str, Any]] = [
            {"price_id": self.ids[random.choice(list(PRICES))], "quantity": str(random.randint(1, 9))},
            {"price_id": self.ids[random.choice(list(PRICES))], "quantity": "4", "start_date": "2026-01-25"},
            {"price_id": self.ids["once"], "quantity": "2", "once": True, "start_date": "2026-02-20"},
            item_json("Plan", "31.00"),
        ]
        if random.random() < 0.3:
            items[1] = {**items[1], "first": random.choice(["full", "free"])}
        currency = random.choice(list(FACTORS))
        super().__init__(random, items=items, prices=prices, currency=currency, **fields)

    def amount(self, price: Decimal | str, quantity: Decimal) -> Fraction:
        if not isinstance(price, str):
            return super().amount(price, quantity)
        return amount_of(self.names[price], quantity) * FACTORS[self.found.currency]

    def _body(self) -> dict[str, Any]:
        random = self.random
        quantity, price_id = str(random.randint(1, 9)), self.ids[random.choice(list(PRICES))]
        id_ = random.choice(self.found.items).id
        changes: list[dict[str, Any]] = [
            {"op": "set", "item_id": id_, "quantity": quantity},
            {"op": "set", "item_id": id_, "price_id": price_id},
            {"op": "set", "item_id": id_, "price_id": price_id, "quantity": quantity},
            {"op": "add", "item": {"price_id": price_id, "quantity": quantity}},
            {"op": "add", "item": {"price_id": self.ids["once"], "quantity": quantity, "once": True}},
            {"op": "remove", "item_id": id_},
        ]
        body: dict[str, Any] = {"items": [random.choice(changes)]}
        if random.random() < 0.5:
            body |= {"at": "date", "on": (self.today + timedelta(days=random.randint(-5, 40))).isoformat()}
        if random.random() < self.restarts:
            body["anchor"] = "restart"
        return body | self._billed()


def check_priced(seed: int) -> None:
    random = Random(seed)
    life = PricedLife(random, anchor={"day": 1 + seed % 31}, lead_days=seed % 4)
    check_life(life, seed)


def test_documents_add_up_to_the_prices_of_each_day() -> None:
    for seed in range(60):
        check_priced(seed)


@pytest.mark.parametrize("catalogue", [False, True], ids=["line", "price"])
def test_days_of_a_later_quantity_are_credited_whole(catalogue: bool) -> None:
    """A full first price of 22 days: 2 seats, and 4 from 30 January on. The subscription ends after 19 of them."""
    price = known(*PRICES["dearer"])
    item = {"price_id": price.price.id} if catalogue else item_json("Plan", "31.00")
    items, prices = [item | {"quantity": "2", "first": "full"}], {price.price.id: price}
    life = ChangedLife(Random(0), items=items, prices=prices, anchor={"day": 1})
    [seats] = life.found.items
    more = seats.changed(date(2026, 1, 30), START, quantity=Decimal(4), line=None, price=None)
    life.found = life.found.model_copy(update={"items": (more,)})
    life.bill_due()
    # 2 × 31.00 × 20 ÷ 22, and 4 × 31.00 × 2 ÷ 22.
    assert list(life.left.values()) == [5636, 1127]
    life.take_back(date(2026, 1, 29))
    # 2 × 31.00 × 19 ÷ 22.
    assert list(life.left.values()) == [5355, 0]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(40))
def test_forty_thousand_priced_lives_add_up(part: int) -> None:
    for seed in range(part * 1_000, (part + 1) * 1_000):
        check_priced(seed)
