"""Refusals about lines and totals."""

from invoicing.core.errors import NotFound, RuleBroken


class LineNotFound(NotFound):
    """The line does not exist on this document."""

    code = "LINE_NOT_FOUND"


class NegativeTotal(RuleBroken):
    """The total of an invoice cannot be negative; issue a credit note."""

    code = "NEGATIVE_TOTAL"


class DiscountExceedsAmount(RuleBroken):
    """The discount exceeds the amount it applies to."""

    code = "DISCOUNT_EXCEEDS_AMOUNT"
