"""Refusals about lines and totals."""

from invoicing.core.errors import NotFound, RuleBroken


class LineNotFound(NotFound):
    """The line does not exist on this document.

    Retrieve the document and use the `id` of one of its lines.
    """

    code = "LINE_NOT_FOUND"


class NegativeTotal(RuleBroken):
    """The total of an invoice (BT-112) cannot be negative; issue a credit note.

    Issue a credit note, or reduce the discounts and negative lines.
    """

    code = "NEGATIVE_TOTAL"


class DiscountExceedsAmount(RuleBroken):
    """The discount exceeds the amount it applies to.

    Reduce the discount, or remove it.
    """

    code = "DISCOUNT_EXCEEDS_AMOUNT"
