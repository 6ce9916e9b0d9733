"""Lines with what they come to: of an invoice, of an order."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from invoicing.core.errors import Invalid, Violation
from invoicing.core.ids import new_ids
from invoicing.pricing.line import Discount, Line, NewLine, Shipping
from invoicing.pricing.totals import totals


class Terms(Protocol):
    """The price mode of the lines, and discount and shipping of the document."""

    @property
    def price_tax_inclusive(self) -> bool:
        """Whether the prices have the tax in them."""

    @property
    def discount(self) -> Discount | None:
        """The discount."""

    @property
    def shipping(self) -> Shipping | None:
        """The cost of delivery."""


def priced(terms: Terms, lines: Iterable[NewLine], *, currency: str, at: datetime) -> dict[str, Any]:
    """The lines, each with an id and its amounts, and the sums of all."""
    given, ids = tuple(lines), new_ids("lin", at)
    sums = totals(
        given,
        currency=currency,
        price_tax_inclusive=terms.price_tax_inclusive,
        discount=terms.discount,
        shipping=terms.shipping,
    )
    return {
        "lines": tuple(
            Line(
                **vars(line) | {"id": vars(line).get("id") or next(ids)},
                net=amounts.net,
                tax_amount=amounts.tax_amount,
                total=amounts.total,
            )
            for line, amounts in zip(given, sums.lines, strict=True)
        ),
        "tax_breakdown": sums.tax_breakdown,
        "subtotal": sums.subtotal,
        "discount_amount": sums.discount_amount,
        "shipping_cost": sums.shipping_cost,
        "tax": sums.tax,
        "total": sums.total,
    }


def require_line_ids(lines: Iterable[NewLine], kept: Iterable[Line]) -> None:
    """Refuse ids that the document does not have, and two lines of one id: credits find a line by its id alone."""
    known, seen = {line.id for line in kept}, set[str]()
    wrong = []
    for place, line in enumerate(lines):
        id_ = getattr(line, "id", None)
        if id_ is None:
            continue
        if id_ not in known:
            wrong.append(Violation(f"/lines/{place}/id", "LINE_NOT_FOUND", "The document has no line with this id."))
        elif id_ in seen:
            wrong.append(Violation(f"/lines/{place}/id", Invalid.code, "Another line of the request has this id."))
        seen.add(id_)
    if wrong:
        raise Invalid("The id of a line is unknown or repeated.", errors=tuple(wrong))
