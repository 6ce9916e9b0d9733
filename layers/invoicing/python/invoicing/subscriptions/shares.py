"""The line that bills a quantity for a part of a period: an exact share, which only the line's amount rounds."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from invoicing.core.currency import require_readable
from invoicing.core.model import values_of
from invoicing.pricing.line import FilledLine, LineContent, NewLine
from invoicing.pricing.line import Period as Days
from invoicing.pricing.share import DIGITS, Share, without_repeating_digits

DAY = "DAY"
"""The unit of days in UN/ECE Recommendation 20."""
_SOURCE = ("price_id", "price_version", "price_tier")
type NameOfShare = Callable[[str, Share, Decimal], str]
"""Makes the name of a line that bills a share, in the language of the document, such as "Seat, 5 ×, 16 of 31 days"."""


def line_of_share(
    line: LineContent, quantity: Decimal, share: Share, days: tuple[date, date] | None, name: NameOfShare
) -> NewLine:
    """The line of a document for a quantity and a share of a period.

    A full period has the quantity and unit of the price. A part of one is counted in days: quantity × days, at the
    price of the days of the full period, so that the document shows the agreed price and nothing is rounded before the
    line. `days` are those that the line names (EN 16931 BG-26). It keeps the price of the catalogue that the line comes
    from. Refuses a quantity with too many digits.
    """
    stated: dict[str, Any] = values_of(line, LineContent.model_fields)
    stated |= {"quantity": quantity, "period": Days(start=days[0], end=days[1]) if days else None}
    counted = quantity, line.price_base_quantity
    if not share.is_whole:
        # Exact in any decimal context.
        with localcontext(prec=DIGITS):
            counted = quantity * share.days, line.price_base_quantity * share.of
        stated |= {"unit": DAY, "name": name(line.name, share, quantity)}
    for field, value in zip(("quantity", "price_base_quantity"), without_repeating_digits(*counted), strict=True):
        stated[field] = require_readable(value, pointer="/items")
    source: dict[str, Any] = {name: vars(line).get(name) for name in _SOURCE}
    return FilledLine(**stated, **source) if source["price_id"] else NewLine(**stated)
