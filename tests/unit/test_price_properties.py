"""Prices against independent computations: unit by unit, event by event, in exact fractions."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from invoicing.catalogue.lines import Events
from invoicing.pricing.share import Share
from tests.unit.test_price_models import charged, offer, sums, tier

ENDS = st.lists(st.integers(1, 30), max_size=4, unique=True).map(sorted)
CENTS = st.integers(0, 5_000)
SHARES = st.tuples(st.integers(1, 31), st.integers(28, 31)).filter(lambda one: one[0] <= one[1])


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def rounded(cents: Fraction) -> int:
    """Half a cent is rounded up; prices are not negative here."""
    return floor(cents + Fraction(1, 2))


def cents_of(lines: Sequence[Any]) -> list[int]:
    return [int(line.net * 100) for line in sums(lines).lines]


@st.composite
def tiered(draw: st.DrawFn) -> list[tuple[int | None, int, int]]:
    """Tiers: the end, and the cents of a unit and of the flat amount."""
    ends = [*draw(ENDS), None]
    return [(end, draw(CENTS), draw(CENTS)) for end in ends]


def as_json(tiers: list[tuple[int | None, int, int]]) -> list[dict[str, Any]]:
    """The tiers as a request has them. Those without a price of a unit have only their flat amount."""
    return [
        tier(None if end is None else str(end), money(unit) if unit else None, money(flat)) for end, unit, flat in tiers
    ]


@given(tiers=tiered(), quantity=st.integers(1, 40), model=st.sampled_from(["graduated", "volume"]))
def test_every_quantity_has_a_line(tiers: list[tuple[int | None, int, int]], quantity: int, model: str) -> None:
    assert charged(offer(model, tiers=as_json(tiers)), str(quantity))


@given(tiers=tiered(), quantity=st.integers(0, 40))
def test_graduated_is_the_sum_of_each_unit(tiers: list[tuple[int | None, int, int]], quantity: int) -> None:
    total, touched = 0, {0}
    for unit in range(1, quantity + 1):
        place = next(place for place, (end, _, _) in enumerate(tiers) if end is None or unit <= end)
        total += tiers[place][1]
        touched.add(place)
    total += sum(tiers[place][2] for place in touched)
    assert sum(cents_of(charged(offer("graduated", tiers=as_json(tiers)), str(quantity)))) == total


@given(tiers=tiered(), quantity=st.integers(0, 40))
def test_volume_has_one_price_for_all_units(tiers: list[tuple[int | None, int, int]], quantity: int) -> None:
    [(_, unit, flat), *_] = [one for one in tiers if one[0] is None or quantity <= one[0]]
    assert sum(cents_of(charged(offer("volume", tiers=as_json(tiers)), str(quantity)))) == quantity * unit + flat


@given(
    quantity=st.decimals("0", "500", places=2),
    size=st.decimals("0.01", "50", places=2),
    free=st.decimals("0", "100", places=2),
    price=CENTS,
)
def test_packages_are_whole_and_start_after_the_free_units(
    quantity: Decimal, size: Decimal, free: Decimal, price: int
) -> None:
    number = ceil(max(Fraction(quantity) - Fraction(free), Fraction(0)) / Fraction(size))
    sold = offer("package", unit_amount=money(price), package_size=str(size), free_quantity=str(free))
    assert sum(cents_of(charged(sold, str(quantity)))) == number * price


@given(
    events=st.lists(st.integers(0, 20_000), max_size=8),
    free_events=st.none() | st.integers(0, 5),
    free_amount=st.none() | st.integers(0, 40_000),
    percent=st.integers(0, 100),
    fixed=CENTS,
)
def test_events_are_free_while_both_allowances_last(
    events: list[int], free_events: int | None, free_amount: int | None, percent: int, fixed: int
) -> None:
    has_free, passed, paid = free_events is not None or free_amount is not None, 0, events
    for place, amount in enumerate(events):
        passed += amount
        beyond_count = free_events is not None and place >= free_events
        if beyond_count or (free_amount is not None and passed > free_amount):
            paid = events[place:]
            break
    else:
        paid = [] if has_free else events
    given_amounts: dict[str, Any] = {
        "free_events": free_events,
        "free_amount": None if free_amount is None else money(free_amount),
    }
    sold = offer("percentage", percent=str(percent), fixed_amount=money(fixed), **given_amounts)
    found = charged(sold, Events.of(*(Decimal(money(amount)) for amount in events)))
    assert sum(cents_of(found)) == rounded(Fraction(sum(paid) * percent, 100)) + len(paid) * fixed


@given(quantity=st.integers(1, 200), price=CENTS, share=SHARES)
def test_a_share_is_rounded_once(quantity: int, price: int, share: tuple[int, int]) -> None:
    days, of = share
    found = charged(offer("unit", unit_amount=money(price)), str(quantity), share=Share(days=days, of=of))
    assert cents_of(found) == [rounded(Fraction(quantity * days * price, of))]


@given(quantity=st.integers(0, 200), price=CENTS, minimum=st.integers(1, 50_000), share=SHARES)
def test_a_period_costs_its_amount_or_the_minimum(
    quantity: int, price: int, minimum: int, share: tuple[int, int]
) -> None:
    days, of = share
    sold = offer("unit", money(minimum), unit_amount=money(price))
    found = charged(sold, str(quantity), share=Share(days=days, of=of))
    used, least = rounded(Fraction(quantity * days * price, of)), rounded(Fraction(minimum * days, of))
    assert sum(cents_of(found)) == max(used, least)
    assert len(found) == (quantity > 0) + (used < least)
