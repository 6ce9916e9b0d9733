"""The entries of a list as rows of a CSV file (RFC 4180): one column for each value of the model."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets read a file as UTF-8 only if it begins with this mark."""
_OBJECT = "object"
"""The name of an entry's type, which is the same in each row."""
_FORMULA = re.compile(r"(?<![^;\t\r\n])(?=\"*[=+\-@\uff1d\uff0b\uff0d\uff20])|\A(?=[\t\r\n])")
"""The places where a formula may begin: spreadsheets in some countries separate cells by semicolons."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@cache
def columns(model: type[BaseModel]) -> tuple[str, ...]:
    """The columns of a model in the order of its fields. Those of an object within it are `address.city`."""
    return tuple(dict.fromkeys(_columns(model, "", frozenset())))


def header(model: type[BaseModel]) -> str:
    """The first line of a file."""
    return _text([columns(model)])


def lines(model: type[BaseModel], entries: Iterable[BaseModel]) -> str:
    """The lines of entries."""
    names = columns(model)
    return _text(_row(names, entry.model_dump(mode="json", warnings=False)) for entry in entries)


def _text(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue()


def _row(names: Iterable[str], entry: Mapping[str, Any]) -> Iterator[str]:
    for name in names:
        value: Any = entry
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        yield _cell(value)


def _cell(value: Any) -> str:
    """A value as a spreadsheet shows it, with an apostrophe before each part that it would compute (OWASP)."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() if all(isinstance(one, str) for one in value):
            text = ", ".join(value)
        case dict() | list():
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case _:
            text = str(value)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub("'", text)


def _columns(model: type[BaseModel], before: str, within: frozenset[type[BaseModel]]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name == _OBJECT or field.exclude:
            continue
        place = f"{before}{field.serialization_alias or name}"
        inner = [one for one in _models(field.annotation) if one not in within]
        for one in inner:
            yield from _columns(one, f"{place}.", within | {model, one})
        if not inner:
            yield place


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models that a value of a field can be, if it is one object. Lists of objects and maps are one cell."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (list, tuple, dict):
        return []
    return [one for part in get_args(annotation) for one in _models(part)]
