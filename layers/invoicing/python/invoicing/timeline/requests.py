"""What clients say about comments."""

from typing import Annotated, get_args

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from invoicing.core.activity import ActionKey, CommentText
from invoicing.core.model import Value
from invoicing.core.page import ListQuery


class AddComment(Value):
    """A comment; `@usr_…` mentions a user. The author is the caller."""

    comment: CommentText
    public: bool = False
    pinned: bool = False


def _keys(given: str) -> str:
    for key in given.split(","):
        if key not in get_args(ActionKey):
            raise PydanticCustomError("action_key", "Input should be action keys, separated by commas")
    return given


class TimelineQuery(ListQuery):
    """Which entries of a timeline to list. `action_key` takes several, separated by commas: any of them (B07)."""

    action_key: Annotated[str, AfterValidator(_keys)] | None = None
    public: bool | None = None
    pinned: bool | None = None
