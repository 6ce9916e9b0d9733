"""Requests about number series."""

from typing import Annotated

from pydantic import ConfigDict, Field

from invoicing.core.model import Model


class SeriesQuery(Model):
    """The year of the counters."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    year: Annotated[int, Field(ge=1900, le=9999)] | None = None
    """Year of issue, from 1900 to 9999; the current year by default."""


class GapQuery(SeriesQuery):
    """The year and the part of a series to check."""

    start: Annotated[int, Field(ge=1, le=999_999_999_999)] | None = None
    """First count to check; the first count of the series by default."""
