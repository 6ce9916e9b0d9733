"""The texts of one language, with its formats of amounts, quantities, percentages and dates: the only formatter."""

import re
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import NumberPattern, get_currency_symbol

from invoicing.core.model import decimal_text
from invoicing.documents.texts.model import Texts, texts_of
from invoicing.pricing.tax import normal


@dataclass(frozen=True)
class Wording:
    """The texts and formats of one language."""

    texts: Texts
    locale: Locale

    @classmethod
    def of(cls, tag: str) -> Self:
        """The wording for a language tag (`de`, `fr-CH`). Other languages are printed in English."""
        texts = texts_of(tag)
        try:
            return cls(texts, Locale.parse(tag if tag.startswith(texts.language) else texts.language, sep="-"))
        except UnknownLocaleError:
            return cls(texts, Locale.parse(texts.language))

    def label(self, name: str, **values: str) -> str:
        """A word or sentence of the document, with its values in place."""
        return self.texts.label(name, **values)

    def unit(self, code: str) -> str:
        """A unit of measure as people write it."""
        return self.texts.units.get(code, code)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with its currency.

        Its decimals follow ISO 4217, from which those of Babel differ for some currencies.
        """
        text = self._apply(self.locale.currency_formats["standard"], amount, _digits(amount))
        symbol = get_currency_symbol(currency, self.locale)
        # CLDR separates letters from digits (KWD 1.234, but €1.23); Babel does not.
        return re.sub(r"¤(?=\d)", symbol + "\u00a0" if symbol[-1].isalpha() else symbol, text).replace("¤", symbol)

    def amount(self, amount: Decimal, digits: int | None = None) -> str:
        """An amount in a column whose head or foot names the currency."""
        return self._apply(self.locale.decimal_formats[None], amount, _digits(amount) if digits is None else digits)

    def price(self, price: Decimal, least_digits: int) -> str:
        """A unit price with all its decimals, at least those of the currency."""
        plain = normal(price)
        return self.amount(plain, max(least_digits, _digits(plain)))

    def quantity(self, quantity: Decimal) -> str:
        """A quantity without trailing zeros."""
        return self.amount(normal(quantity))

    def percent(self, rate: Decimal) -> str:
        """A rate such as `19 %`."""
        plain = normal(rate)
        return self._apply(self.locale.percent_formats[None], plain.scaleb(-2), _digits(plain))

    def month(self, day: date) -> str:
        """The name of a date's month."""
        written: str = format_date(day, "LLLL", self.locale)
        return written

    def date(self, day: date) -> str:
        """A calendar date, never broken over lines."""
        written: str = format_date(day, "medium", self.locale)
        return re.sub("^1(?= )", self.texts.first_of_month, written).replace(" ", "\u00a0")

    def country(self, code: str) -> str:
        """The name of a country."""
        name: str = self.locale.territories.get(code, code)
        return name

    def _apply(self, pattern: NumberPattern, number: Decimal, digits: int) -> str:
        exact = copy(pattern)
        exact.frac_prec = (digits, digits)
        text: str = exact.apply(number, self.locale, currency_digits=False)
        return text


def _digits(number: Decimal) -> int:
    return len(decimal_text(number).partition(".")[2])
