"""The base rates that ship with the product, and those that a company has entered itself.

Interest for late payment is a number of points above the base rate of the seller's country (Directive 2011/7/EU
article 2 (7)). A published rate applies to one half-year: interest is never computed with an unknown rate.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoicing.tenants.late_interest import BaseRate


class Published(NamedTuple):
    """The rates that a central bank published: each applies until the next one, the last one up to a day."""

    rates: tuple[BaseRate, ...]
    until: date


class BaseRates(NamedTuple):
    """The base rates for a company. `until` is the last day for which they are known (None: no end)."""

    rates: tuple[BaseRate, ...] = ()
    until: date | None = None

    def cover(self, first: date, last: date) -> bool:
        """Whether a rate is known for every day from one to the other."""
        return any(one.valid_from <= first for one in self.rates) and (self.until is None or last <= self.until)


def _published(rates: Mapping[str, str], until: str) -> Published:
    dated = (BaseRate(valid_from=date.fromisoformat(day), rate=Decimal(rate)) for day, rate in rates.items())
    return Published(tuple(dated), date.fromisoformat(until))


PUBLISHED = {
    # § 247 BGB: announced by the Deutsche Bundesbank in the Bundesanzeiger for each 1 January and 1 July. A half-year
    # without an entry has the rate of the one before. Each new half-year moves the last day, whether the rate changed
    # or not.
    "DE": _published(
        {
            "2016-01-01": "-0.83",
            "2016-07-01": "-0.88",
            "2023-01-01": "1.62",
            "2023-07-01": "3.12",
            "2024-01-01": "3.62",
            "2024-07-01": "3.37",
            "2025-01-01": "2.27",
            "2025-07-01": "1.27",
        },
        until="2026-06-30",
    ),
}
"""By the seller's country (ISO 3166-1 alpha-2)."""


def base_rates(country: str | None, own: Sequence[BaseRate]) -> BaseRates:
    """The base rates for a company in a country. From the first rate of its own on, only its own apply."""
    published = PUBLISHED.get(country or "")
    if not own:
        return BaseRates(*published) if published else BaseRates()
    begin = min(one.valid_from for one in own)
    before = [one for one in published.rates if one.valid_from < begin] if published else []
    return BaseRates((*before, *own))
