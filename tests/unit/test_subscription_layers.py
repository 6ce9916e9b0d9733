"""Changes inside a billed period: the published examples P* that take something back, and that all sums are exact."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

from invoicing.catalogue.interval import Interval, IntervalUnit
from invoicing.core.currency import divide
from invoicing.subscriptions.layers import Changed, Layer, Wanted, changed
from invoicing.subscriptions.periods import Anchor, Grid, Period
from tests.unit.test_subscription_shares import period_from, price

type Terms = tuple[str, str]
"""A price and a quantity."""
type History = tuple[int, list[tuple[int, date]]]
"""The price of a layer, and its quantities with the days from which they count."""


def wanted(amount: str, quantity: str) -> Wanted:
    return Wanted(price(amount), Decimal(quantity))


def billed(period: Period, *terms: Terms) -> list[Layer]:
    return [Layer.begun(wanted(amount, quantity), period.start, period, "EUR") for amount, quantity in terms]


def change(layers: list[Layer], period: Period, on: date, *terms: Terms) -> Changed:
    left = {place: one.owed for place, one in enumerate(layers)}
    more = [wanted(amount, quantity) for amount, quantity in terms]
    return changed(layers, more, on, period, left=left, currency="EUR")


def credit(found: Changed) -> int:
    return sum(one.amount for one in found.cuts)


def charge(found: Changed) -> int:
    return sum(one.billed for one in found.added)


@pytest.mark.parametrize(
    ("row", "old", "period", "on", "new", "expected"),
    [
        ("P15", "249.95", period_from("2016-05-01"), "2016-05-05", (), (21770, 0)),
        ("P20", "10.00", period_from("2026-09-01"), "2026-09-16", [("20.00", "1")], (500, 1000)),
        ("P21", "20.00", period_from("2026-09-01"), "2026-09-16", [("50.00", "1")], (1000, 2500)),
        ("P22", "30.00", period_from("2026-09-01"), "2026-09-16", [("60.00", "1")], (1500, 3000)),
        ("P23", "12.00", period_from("2026-02-01"), "2026-02-08", [("24.00", "1")], (900, 1800)),
        ("P24", "10.00", period_from("2026-06-01"), "2026-06-16", [("10.00", "2")], (0, 500)),
        ("P27", "10.00", period_from("2023-08-29"), "2023-09-28", (), (32, 0)),
        ("P29", "200.00", period_from("2025-09-18"), "2025-09-19", (), (19333, 0)),
        ("P31", "29.99", period_from("2025-10-06", "week"), "2025-10-07", (), (2571, 0)),
        # The daily price of the published 4.95 was rounded to 0.33 before it was multiplied.
        ("P37", "10.00", period_from("2026-09-01"), "2026-09-16", [("99.00", "1")], (500, 4950)),
    ],
)
def test_a_change_credits_and_charges_the_days_left(
    row: str, old: str, period: Period, on: str, new: list[Terms], expected: tuple[int, int]
) -> None:
    found = change(billed(period, (old, "1")), period, date.fromisoformat(on), *new)
    assert (credit(found), charge(found)) == expected


@pytest.mark.parametrize(
    ("row", "unit", "count", "old", "on", "new", "expected"),
    [
        ("P25", "month", 3, "300.00", "2025-02-15", "600.00", (15000, 45000, "2025-05-15")),
        # The page takes 15 of 30 days; January has 31, of which 17 are left.
        ("P36", "month", 1, "29.00", "2025-01-15", "99.00", (1590, 8310, "2025-02-15")),
    ],
)
def test_a_restarted_anchor_bills_a_full_period(
    row: str, unit: IntervalUnit, count: int, old: str, on: str, new: str, expected: tuple[int, int, str]
) -> None:
    interval, first, day = Interval(unit=unit, count=count), date(2025, 1, 1), date.fromisoformat(on)
    before = Grid.of(interval, Anchor(), first).period(first)
    restarted = Grid.of(interval, Anchor(), day).period(day)
    taken = credit(change(billed(before, (old, "1")), before, day))
    added = sum(one.billed for one in billed(restarted, (new, "1")))
    assert (taken, added - taken, (restarted.end + timedelta(days=1)).isoformat()) == expected


def test_the_example_of_the_contract() -> None:
    first = date(2026, 1, 31)
    periods = Grid.of(Interval(unit="month"), Anchor(day=31), first).periods(first)
    [january, february, march] = [next(periods) for _ in range(3)]
    assert [(one.start.isoformat(), one.end.isoformat()) for one in (january, february, march)] == [
        ("2026-01-31", "2026-02-27"),
        ("2026-02-28", "2026-03-30"),
        ("2026-03-31", "2026-04-29"),
    ]
    on = date(2026, 3, 15)
    plan = change(billed(february, ("49.00", "1")), february, on, ("99.00", "1"))
    seats = change(billed(february, ("12.00", "5")), february, on, ("12.00", "8"))
    assert plan.layers[0].worth("EUR") == 2371
    assert (credit(plan), charge(plan)) == (2529, 5110)
    assert (credit(seats), charge(seats)) == (0, 1858)
    assert charge(plan) + charge(seats) - credit(plan) == 4439


def test_less_decreases_the_newest_layers_first() -> None:
    period = period_from("2026-06-01")
    found = change(billed(period, ("10.00", "5")), period, date(2026, 6, 11), ("10.00", "8"))
    found = change(list(found.layers), period, date(2026, 6, 21), ("10.00", "4"))
    assert [one.parts[-1].quantity for one in found.layers] == [4, 0]
    assert [one.amount for one in found.cuts] == [334, 1000]


def test_a_credit_by_hand_limits_the_amount_taken_back() -> None:
    period = period_from("2026-06-01")
    [layer] = billed(period, ("30.00", "1"))
    assert layer.cut(Decimal(0), date(2026, 6, 11), 1500, "EUR").amount == 1500
    assert layer.cut(Decimal(0), date(2026, 6, 11), 2500, "EUR").amount == 2000


def test_a_change_before_the_layer_began_takes_all_back() -> None:
    period = period_from("2026-06-01")
    later = Layer.begun(wanted("30.00", "1"), date(2026, 6, 16), period, "EUR")
    assert later.cut(Decimal(0), date(2026, 6, 10), later.owed, "EUR").amount == later.billed == 1500


# Sequences of changes, compared with a calculation of its own


def exact(amount: int, quantity: int, days: int, of: int) -> Fraction:
    return Fraction(amount * quantity * days, of)


def rounded(value: Fraction) -> int:
    return divide(value.numerator, value.denominator)


def owed(histories: list[History], period: Period) -> int:
    """The amount of all layers: that of their parts, and never more than after an earlier change."""
    found = 0
    for amount, parts in histories:
        least = None
        for seen in range(1, len(parts) + 1):
            spans = [*pairwise(parts[:seen]), (parts[seen - 1], (0, period.end + timedelta(days=1)))]
            worth = sum(
                rounded(exact(amount, quantity, (until - start).days, period.of))
                for (quantity, start), (_, until) in spans
            )
            least = worth if least is None else min(least, worth)
        found += least or 0
    return found


def check_sequence(seed: int) -> None:
    random = Random(seed)
    start = date(2024, 1, 1) + timedelta(days=random.randrange(1500))
    unit: IntervalUnit = random.choice(["week", "month", "year"])
    grid = Grid.of(Interval(unit=unit, count=random.randint(1, 4)), Anchor(day=random.choice([None, 1, 28, 31])), start)
    period = grid.period(start)
    amounts = [random.randint(1, 20_000) for _ in range(2)]
    amount, quantity = amounts[0], random.randint(1, 9)
    layers = billed(period, (written(amount), str(quantity)))
    histories = [(amount, [(quantity, period.start)])]
    documents = sum(one.billed for one in layers)
    exactly = Fraction(0)
    terms, since, day = (amount, quantity), period.start, period.start
    for _ in range(random.randint(1, 6)):
        day += timedelta(days=random.randint(0, max(1, period.days // 4)))
        if day > period.end:
            break
        exactly += exact(*terms, (day - since).days, period.of)
        terms, since = (random.choice(amounts), random.choice([0, *range(1, 10)])), day
        left = {place: one.owed for place, one in enumerate(layers)}
        found = change(layers, period, day, (written(terms[0]), str(terms[1])))
        for place, cut in enumerate(found.cuts):
            assert 0 <= cut.amount <= left[place]
            was, now = layers[place].parts[-1].quantity, cut.layer.parts[-1].quantity
            if now != was:
                histories[place] = cut_history(histories[place], int(now), day)
        histories += [(int(one.price.unit_price * 100), [(int(one.parts[-1].quantity), day)]) for one in found.added]
        documents += charge(found) - credit(found)
        layers = list(found.layers)
        running = [one for one in layers if one.parts[-1].quantity]
        assert sum(one.parts[-1].quantity for one in running) == terms[1]
        assert {one.price.unit_price for one in running} <= {Decimal(written(terms[0]))}
    exactly += exact(*terms, (period.end - since).days + 1, period.of)
    assert documents == sum(one.owed for one in layers) == owed(histories, period)
    roundings = sum(len(parts) for _, parts in histories)
    assert abs(documents - exactly) <= Fraction(roundings, 2) + len(histories)


def cut_history(history: History, quantity: int, day: date) -> History:
    return history[0], [*history[1], (quantity, day)]


def written(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def test_changes_end_at_the_amount_that_is_owed() -> None:
    for seed in range(300):
        check_sequence(seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(40))
def test_forty_thousand_sequences_end_at_the_amount(part: int) -> None:
    for seed in range(part * 1_000, (part + 1) * 1_000):
        check_sequence(seed)
