"""The formulas and exact results that explanations show beside rounded amounts."""

from decimal import Decimal, localcontext
from typing import Final

from invoicing.core.currency import exponent
from invoicing.core.model import decimal_text
from invoicing.pricing.line import LineContent

_DECIMALS: Final = 10


def price_formula(line: LineContent) -> str:
    """Quantity, unit price and base quantity of a line, such as `80 × 12.00 ÷ 31`."""
    factors = f"{decimal_text(line.quantity)} × {decimal_text(line.unit_price)}"
    return factors if line.price_base_quantity == 1 else f"{factors} ÷ {decimal_text(line.price_base_quantity)}"


def in_major_unit(numerator: int, denominator: int, currency: str) -> str:
    """A fraction of minor units in the major one, with up to ten decimals."""
    with localcontext(prec=60):
        exact = Decimal(numerator) / denominator / 10 ** exponent(currency)
        text = decimal_text(round(exact, _DECIMALS))
    return text.rstrip("0").rstrip(".") if "." in text else text
