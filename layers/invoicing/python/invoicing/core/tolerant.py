"""Reading data of another version of this code: rows, and the caller that an authorizer passes on.

Functions are replaced one after another, and after a roll-back old code reads rows of newer code. Requests are still
read strictly.
"""

import re
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from invoicing.core.errors import Category, DomainError

_UNKNOWN_VALUE = {"enum", "literal_error"}
_FIRST_KNOWN = re.compile(r"'([^']*)'")


class WrittenByNewerVersion(DomainError):
    """The record was written by a newer version of the service; retry later.

    Repeat the request after the time in `Retry-After`, when the deployment is complete.
    """

    code = "WRITTEN_BY_NEWER_VERSION"
    retry_after = 60
    category = Category.UNAVAILABLE


def read[M: BaseModel](model: type[M], text: str) -> M:
    """A value from its JSON. Fields that the model does not have are ignored, at every depth.

    Refuses values of enumerations that the model does not have: a decision may depend on them.
    """
    try:
        return model.model_validate_json(text, extra="ignore")
    except ValidationError as error:
        if _unknown_values(error):
            raise WrittenByNewerVersion from None
        raise


def read_to_show[M: BaseModel](model: type[M], text: str) -> M:
    """The same for values that are only shown: unknown values of enumerations stay as they are."""
    try:
        return model.model_validate_json(text, extra="ignore")
    except ValidationError as error:
        unknown = _unknown_values(error)
        if not unknown:
            raise
    stored = from_json(text)
    known = from_json(text)
    for one in unknown:
        *way, last = one["loc"]
        _at(known, way)[last] = _FIRST_KNOWN.findall(one["ctx"]["expected"])[0]
    thing = model.model_validate_json(to_json(known), extra="ignore")
    for one in unknown:
        _put_back(thing, stored, one["loc"])
    return thing


def _unknown_values(error: ValidationError) -> list[ErrorDetails]:
    """The places of enumeration values that the model does not have; none if there are other errors too."""
    wrong = error.errors(include_url=False)
    return wrong if all(one["type"] in _UNKNOWN_VALUE for one in wrong) else []


def _at(content: Any, way: Any) -> Any:
    for step in way:
        content = content[step]
    return content


def _put_back(thing: Any, stored: Any, way: tuple[int | str, ...]) -> None:
    """Put a stored value into the field of the innermost model on its path; for a collection, all values."""
    owner, field = thing, ""
    for step in way:
        if isinstance(thing, BaseModel):
            owner, field, stored = thing, str(step), stored[step]
            thing = getattr(thing, field)
        elif isinstance(thing, tuple | dict):
            inner = thing[step]  # type: ignore[index]
            if not isinstance(inner, BaseModel | tuple | dict):
                break
            thing, stored = inner, stored[step]
    # The model is new, so no other code holds it.
    owner.__dict__[field] = type(thing)(stored) if isinstance(thing, tuple | frozenset) else stored
