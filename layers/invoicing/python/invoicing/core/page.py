"""The response and the query that all lists share."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from invoicing.core.model import Model

_GROUP = "(day|week|month|year|customer|country|currency)"
GROUPS = f"^{_GROUP}(,{_GROUP})?$"
"""The pattern of one group or two, by which reports add up amounts."""


class Page[T](Model):
    """One page of a list."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    object: Literal["list"] = "list"
    """Name of the object's type: `list`."""
    data: tuple[T, ...]
    """Entries of this page, in the requested order."""
    has_more: bool
    """Whether there are entries after this page."""
    next_cursor: str | None
    """Cursor of the next page, to be sent as `cursor` with the same filters; null on the last page."""


class ListQuery(Model):
    """The parameters of every list."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    """Maximum number of entries on the page, from 1 to 100."""
    cursor: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    """Cursor of the page: the `next_cursor` of the page before. It is valid for the same tenant and filters only."""
    order: Literal["asc", "desc"] = "desc"
    """Sort order: `desc` for the newest entries first, `asc` for the oldest."""

    @property
    def is_empty(self) -> bool:
        """Whether one of its ranges (`due_from`, `due_to`) ends before it begins, so that no entry can fit."""
        given = {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
        starts = {name.removesuffix("_from"): value for name, value in given.items() if name.endswith("_from")}
        return any(start > given.get(f"{name}_to", start) for name, start in starts.items())


class CountedPage[T](Page[T]):
    """One page of a list, with the number of all entries."""

    total: int
    """Number of entries in the whole list."""

    @classmethod
    def of(cls, page: Page[T], data: tuple[T, ...], total: int) -> "CountedPage[T]":
        """A page with its total; `data` are its entries as they are shown."""
        return cls(data=data, has_more=page.has_more, next_cursor=page.next_cursor, total=total)
