"""Exact arithmetic in minor units: rounding and splitting as in the contract, in any decimal context."""

from collections.abc import Sequence


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
