"""Refusals about number series."""

from invoicing.core.errors import Category, DomainError, NotFound, RuleBroken


class SeriesNotFound(NotFound):
    """The number series does not exist.

    Use the `name` of one of the tenant's number series.
    """

    code = "SERIES_NOT_FOUND"


class SeriesBusy(DomainError):
    """Too many documents are being numbered; nothing was changed, retry.

    Repeat the request after the time in `Retry-After`. No number was used.
    """

    code = "SERIES_BUSY"
    retry_after = 1
    category = Category.UNAVAILABLE


class NumberTaken(RuleBroken):
    """The next number of the series is already in use; change the pattern.

    Change the pattern of the number series, so that its numbers are new.
    """

    code = "NUMBER_TAKEN"
