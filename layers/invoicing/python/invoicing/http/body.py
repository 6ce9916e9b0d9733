"""Request bodies: limits before parsing, strict parsing, and errors that point at the field."""

import base64
import binascii
import json
import re
from itertools import takewhile
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from invoicing.core.errors import DomainError, Invalid, InvalidType, TooLarge, Violation
from invoicing.core.model import ALTERNATIVES, ENTERED
from invoicing.http.patterns import message_for
from invoicing.http.responses import GatewayEvent

MAX_BYTES = 1_000_000
MAX_ENTRIES = 1_000
"""Entries of one array, and fields of one object."""
MAX_DEPTH = 32
MAX_VIOLATIONS = 100
"""The most mistakes in one response: a megabyte of unknown fields would make a response that Lambda cannot send."""
_LONGEST_NAME = 100
"""The most characters of a field name in a pointer, for the same reason."""
_ADDED = ALTERNATIVES | {"[key]"}
"""Parts that Pydantic adds to the place of a mistake: alternatives of unions, and the mark of a wrong key."""
# Strings are matched possessively, open ones up to the end, so that no input makes the scan quadratic.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)


def raw_body(event: GatewayEvent) -> bytes:
    """The bytes of the body. The gateway encodes them, because all media types are configured as binary."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("The body is not valid base64.") from None


def parse[M: BaseModel](model: type[M], raw: bytes) -> M:
    """A body as its model. Each mistake has a pointer (RFC 6901)."""
    require_json(raw)
    try:
        return model.model_validate_json(raw, context=ENTERED)
    except ValidationError as error:
        raise refusal(error) from None


def require_json(raw: bytes) -> Any:
    """The JSON in a body. Refuses JSON that is too large, too deep, too wide, or has a repeated field."""
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"The body exceeds {MAX_BYTES} bytes.")
    if not raw.strip():
        raise Invalid("A JSON body is required.", pointer="")
    _require_shape(raw)
    try:
        return json.loads(raw.decode(), object_pairs_hook=without_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        detail = error.args[0] if isinstance(error, _Refused) else "The body is not valid JSON."
        raise Invalid(detail, pointer="") from None


def refusal(error: ValidationError) -> DomainError:
    """The error for an invalid value: `INVALID_TYPE` if all mistakes are wrong types, else `VALIDATION_ERROR`."""
    details = _independent(error.errors(include_url=False, include_input=False))
    only_types = all(_is_of_type(detail) for detail in details)
    violations = tuple(_violation(detail) for detail in details[:MAX_VIOLATIONS])
    return (InvalidType if only_types else Invalid)(errors=violations)


def _independent(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """The mistakes without lists that are too short only because their entries are wrong."""
    places = [one["loc"] for one in details]
    return [
        one
        for one in details
        if one["type"] != "too_short" or not any(len(at) > len(one["loc"]) == _shared(at, one["loc"]) for at in places)
    ]


def _shared(one: tuple[int | str, ...], other: tuple[int | str, ...]) -> int:
    """The number of first places that two paths share."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _violation(detail: ErrorDetails) -> Violation:
    """The mistake with its pointer. A rule about several fields names the one to correct as its `field`."""
    field = detail.get("ctx", {}).get("field")
    places = (part for part in (*detail["loc"], *(field.split("/") if field else ())) if part not in _ADDED)
    names = (str(part)[:_LONGEST_NAME].replace("~", "~0").replace("/", "~1") for part in places)
    code = InvalidType.code if _is_of_type(detail) else Invalid.code
    pattern = detail.get("ctx", {}).get("pattern") if detail["type"] == "string_pattern_mismatch" else None
    message = message_for(pattern) if pattern else detail["msg"]
    return Violation("".join(f"/{name}" for name in names), code, message)


def _is_of_type(detail: ErrorDetails) -> bool:
    return detail["type"].endswith("_type") and detail["type"] != "none_required"


class _Refused(ValueError):
    """Well-formed JSON that the contract does not allow."""


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The fields of an object. Refuses repeated fields, because JSON parsers disagree which one to keep."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen = set[str]()
        for name, _ in pairs:
            if name in seen:
                raise _Refused(f"The field {name[:_LONGEST_NAME]!r} appears twice.")
            seen.add(name)
    return found


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name} is no JSON value.")


def _require_shape(raw: bytes) -> None:
    """Count depth and entries on the tokens alone, before anything is built from them."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH and raw.count(b",") < MAX_ENTRIES:
        return
    opened: list[int] = []
    entries: list[int] = []
    for token in _TOKEN.finditer(raw):
        match raw[token.start()]:
            case 0x5B | 0x7B as bracket:  # [ {
                opened.append(bracket)
                entries.append(1)
                if len(opened) > MAX_DEPTH:
                    raise Invalid(f"The body is nested deeper than {MAX_DEPTH} levels.", pointer="")
            case 0x5D | 0x7D if opened:  # ] }
                opened.pop()
                entries.pop()
            case 0x2C if opened:  # ,
                entries[-1] += 1
                if entries[-1] > MAX_ENTRIES:
                    many, parts = ("array", "entries") if opened[-1] == 0x5B else ("object", "fields")
                    raise Invalid(f"An {many} exceeds {MAX_ENTRIES} {parts}.", pointer="")
