"""Requests about comments."""

from typing import Annotated, get_args

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from invoicing.core.activity import ActionKey, CommentText
from invoicing.core.model import Value
from invoicing.core.page import ListQuery


class AddComment(Value):
    """A comment to add. Its author is the caller."""

    comment: CommentText
    """Text of the comment. `@usr_…` mentions a user."""
    public: bool = False
    """Whether the customer can see the comment in the portal and on the invoice page."""
    pinned: bool = False
    """Whether the comment is shown above the others."""


def _keys(given: str) -> str:
    for key in given.split(","):
        if key not in get_args(ActionKey):
            raise PydanticCustomError("action_key", "Input should be action keys, separated by commas")
    return given


class TimelineQuery(ListQuery):
    """Filters for the entries of a timeline; an entry matches all that are given."""

    action_key: Annotated[str, AfterValidator(_keys)] | None = None
    """Entries with one of these action keys, separated by commas, such as `COMMENT,COPY`."""
    public: bool | None = None
    """`true` for entries that the customer can see, `false` for the others."""
    pinned: bool | None = None
    """`true` for pinned entries, `false` for the others."""
