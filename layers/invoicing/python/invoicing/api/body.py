"""Request bodies: limits before parsing, strict parsing, and errors that point at the field."""

import base64
import binascii
import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from invoicing.api.gateway import Event
from invoicing.domain.errors import DomainError, Invalid, InvalidType, TooLarge, Violation
from invoicing.domain.model import ENTERED

MAX_BYTES = 1_000_000
MAX_ENTRIES = 1_000
MAX_DEPTH = 32
# Strings are matched possessively, open ones up to the end, so that no input makes the scan quadratic.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)


def raw_body(event: Event) -> bytes:
    """The body's bytes; the gateway encodes them, as every type is a binary one to it."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("The body is not valid base64.") from None


def parse[M: BaseModel](model: type[M], raw: bytes) -> M:
    """A body as its model; every mistake is named with a pointer (RFC 6901)."""
    require_json(raw)
    try:
        return model.model_validate_json(raw, context=ENTERED)
    except ValidationError as error:
        raise refusal(error) from None


def require_json(raw: bytes) -> Any:
    """The JSON in a body. Refuses what is too large, too deep, too wide, or names a field twice."""
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"The body exceeds {MAX_BYTES} bytes.")
    if not raw.strip():
        raise Invalid("A JSON body is required.", pointer="")
    _require_shape(raw)
    try:
        return json.loads(raw.decode(), object_pairs_hook=_without_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        detail = error.args[0] if isinstance(error, _Refused) else "The body is not valid JSON."
        raise Invalid(detail, pointer="") from None


def refusal(error: ValidationError) -> DomainError:
    """What is wrong with a value, in the contract's words: `INVALID_TYPE` where only types are, else more."""
    violations = tuple(_violation(detail) for detail in error.errors(include_url=False, include_context=False))
    only_types = all(violation.code == InvalidType.code for violation in violations)
    return (InvalidType if only_types else Invalid)(errors=violations)


def _violation(detail: ErrorDetails) -> Violation:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in detail["loc"])
    wrong_type = detail["type"].endswith("_type") and detail["type"] != "none_required"
    return Violation(pointer, InvalidType.code if wrong_type else Invalid.code, detail["msg"])


class _Refused(ValueError):
    """Well-formed JSON that the contract refuses all the same."""


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"The field {twice[:100]!r} is there twice.")
    return found


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name} is no JSON value.")


def _require_shape(raw: bytes) -> None:
    """Count depth and entries on the tokens alone, before anything is built from them."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH and raw.count(b",") < MAX_ENTRIES:
        return
    open_arrays: list[int] = []
    for token in _TOKEN.finditer(raw):
        match raw[token.start()]:
            case 0x5B | 0x7B:  # [ {
                open_arrays.append(1 if raw[token.start()] == 0x5B else 0)
                if len(open_arrays) > MAX_DEPTH:
                    raise Invalid(f"The body is nested deeper than {MAX_DEPTH} levels.", pointer="")
            case 0x5D | 0x7D if open_arrays:  # ] }
                open_arrays.pop()
            case 0x2C if open_arrays and open_arrays[-1]:  # ,
                open_arrays[-1] += 1
                if open_arrays[-1] > MAX_ENTRIES:
                    raise Invalid(f"An array exceeds {MAX_ENTRIES} entries.", pointer="")
