"""Currencies and their minor units, and exact arithmetic with them, in any decimal context.

ISO 4217, list one, as amended to 2026: BGN gave way to EUR, ANG to XCG.
"""

from collections.abc import Sequence
from decimal import Decimal

from invoicing.core.errors import Invalid

_DIGITS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
    "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
    "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: dict[str, int] = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}
"""The number of decimals of each currency."""

MOST_DIGITS = 15


def exponent(code: str) -> int:
    """The number of decimals of a currency. Refuses unknown codes."""
    if code not in EXPONENTS:
        raise Invalid(f"{code} is not a currency of ISO 4217.", pointer="/currency")
    return EXPONENTS[code]


def to_minor(amount: Decimal, code: str, *, pointer: str) -> int:
    """An amount in minor units. Refuses another number of decimals than that of the currency."""
    digits = exponent(code)
    sign, figures, scale = amount.as_tuple()
    if scale != -digits:
        raise Invalid(f"An amount in {code} must have exactly {digits} decimals.", pointer=pointer)
    units = int("".join(map(str, figures)))
    return -units if sign else units


def from_minor(units: int, code: str) -> Decimal:
    """Minor units as an amount with exactly the currency's number of decimals."""
    return Decimal(f"{units}E-{exponent(code)}")


def converted(amount: Decimal, rate: Decimal, code: str) -> Decimal:
    """An amount in another currency, rounded half away from zero; `rate` is the price of one unit in that currency."""
    (units, of), (price, scale) = amount.as_integer_ratio(), rate.as_integer_ratio()
    return from_minor(divide(units * price * 10 ** exponent(code), of * scale), code)


def require_readable(amount: Decimal, *, pointer: str) -> Decimal:
    """The amount.

    Refuses more digits than the format of amounts has, because such an amount could not be read again.
    """
    if amount.adjusted() >= MOST_DIGITS:
        raise Invalid(f"An amount can have at most {MOST_DIGITS} digits before the decimal point.", pointer=pointer)
    return amount


def divide(numerator: int, denominator: int) -> int:
    """A quotient rounded to a whole number, half away from zero."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


def split(total: int, weights: Sequence[int], numerator: int, denominator: int) -> list[int]:
    """Parts of `weight × numerator ÷ denominator`, rounded so that they add up to `total` (largest remainder).

    `total` is the rounded sum of the exact parts. Ties go to the first. Weights may be negative.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(weight * numerator, denominator)
        parts.append(part)
        remainders.append(remainder)
    missing = total - sum(parts)
    if not 0 <= missing <= len(parts):
        raise ValueError(f"{total} is not what the parts add up to")
    for place in sorted(range(len(parts)), key=lambda place: -remainders[place])[:missing]:
        parts[place] += 1
    return parts
