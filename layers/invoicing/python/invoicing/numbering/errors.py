"""Refusals about number series."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class SeriesNotFound(NotFound):
    """The number series does not exist."""

    code = "SERIES_NOT_FOUND"


class SeriesBusy(DomainError):
    """Too many documents are being numbered; nothing was changed, retry."""

    code = "SERIES_BUSY"
    retry_after = 1
    category = Category.UNAVAILABLE


class NumberTaken(RuleBroken):
    """The next number of the series is already in use; change the pattern."""

    code = "NUMBER_TAKEN"
