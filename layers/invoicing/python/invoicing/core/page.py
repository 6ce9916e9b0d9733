"""Lists: the envelope every list has, and the query every list takes."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Page[T](BaseModel):
    """One page of a list. `next_cursor` is opaque, signed, and bound to tenant and filters."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    object: Literal["list"] = "list"
    data: tuple[T, ...]
    has_more: bool
    next_cursor: str | None


class ListQuery(BaseModel):
    """What every list can be asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    cursor: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    order: Literal["asc", "desc"] = "desc"

    @property
    def is_empty(self) -> bool:
        """Whether one of its ranges (`due_from`, `due_to`) ends before it begins, so that no entry can fit."""
        given = {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}
        starts = {name.removesuffix("_from"): value for name, value in given.items() if name.endswith("_from")}
        return any(start > given.get(f"{name}_to", start) for name, start in starts.items())


class CountedPage[T](Page[T]):
    """A page that also says how many entries there are in all."""

    total: int

    @classmethod
    def of(cls, page: Page[T], data: tuple[T, ...], total: int) -> "CountedPage[T]":
        """A page with its total; `data` is what its entries are to be shown as."""
        return cls(data=data, has_more=page.has_more, next_cursor=page.next_cursor, total=total)
