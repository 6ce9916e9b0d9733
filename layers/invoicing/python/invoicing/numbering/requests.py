"""What clients ask about number series."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class SeriesQuery(BaseModel):
    """Of which year of issue (this one, if none is given)."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    year: Annotated[int, Field(ge=1900, le=9999)] | None = None


class GapQuery(SeriesQuery):
    """Of which year, and from which count on (the first one, if none is given)."""

    start: Annotated[int, Field(ge=1, le=999_999_999_999)] | None = None
