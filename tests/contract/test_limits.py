"""The limits of a body, checked before anything is built from it."""

import json
from typing import Any

import pytest

from invoicing.core.errors import Invalid, TooLarge
from invoicing.core.stored_file import Form
from invoicing.http import form
from invoicing.http.body import MAX_BYTES, parse, require_json, without_duplicates
from invoicing.http.form import MAX_FORM_BYTES, parse_form
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.notes.errors import FileTooLarge

MANY = ",".join(["1"] * 1_000)
FIELDS = ",".join(f'"f{number}":1' for number in range(1_000))
HARMLESS = r'"[[[[{{{{,,,,\"[[[[\\"'


def nested(depth: int) -> bytes:
    """Arrays and objects nested alternately. Strings that look like more of them do not count."""
    opened = ['{"a":' if level % 2 else f"[{HARMLESS}," for level in range(depth)]
    closed = ["}" if level % 2 else "]" for level in reversed(range(depth))]
    return "".join([*opened, "1", *closed]).encode()


@pytest.mark.parametrize(
    "raw",
    [
        nested(32),
        f"[{MANY}]".encode(),
        f"{{{FIELDS}}}".encode(),
        f'{{"a":[{MANY}],"b":[{MANY}]}}'.encode(),
        f"[[{MANY}],{HARMLESS}]".encode(),
    ],
)
def test_thirty_two_levels_and_a_thousand_entries_are_read(raw: bytes) -> None:
    assert require_json(raw) == json.loads(raw)


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (nested(33), "The body is nested deeper than 32 levels."),
        (f"[{MANY},1]".encode(), "An array exceeds 1000 entries."),
        (f'{{"a":{{"b":[{MANY},[]]}}}}'.encode(), "An array exceeds 1000 entries."),
        (f"[[{MANY}],[{MANY},1".encode(), "An array exceeds 1000 entries."),
        (f"{{{FIELDS},{HARMLESS}:1}}".encode(), "An object exceeds 1000 fields."),
        (f'[{{"a":{{{FIELDS},"x":1}}}}]'.encode(), "An object exceeds 1000 fields."),
        (b"[" * 33, "The body is nested deeper than 32 levels."),
    ],
)
def test_deeper_and_larger_json_is_refused_before_parsing(
    raw: bytes, detail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invoicing.http.body.json.loads", _never)
    with pytest.raises(Invalid, match=f"^{detail}$"):
        require_json(raw)


def test_a_body_has_at_most_one_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f'"{"x" * (MAX_BYTES - 2)}"'.encode()
    assert len(require_json(text)) == MAX_BYTES - 2
    monkeypatch.setattr("invoicing.http.body.json.loads", _never)
    with pytest.raises(TooLarge):
        require_json(text + b" ")


class _Name(str):
    """A field name that counts its hashes and comparisons."""

    __slots__ = ()
    steps = 0

    def __hash__(self) -> int:
        type(self).steps += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        type(self).steps += 1
        return super().__eq__(other)


def test_a_repeated_field_is_found_in_linear_time() -> None:
    pairs: list[tuple[str, Any]] = [(_Name(f"f{number}"), 1) for number in [*range(10_000), 9_999]]
    _Name.steps = 0
    with pytest.raises(ValueError, match=r"The field 'f9999' appears twice\."):
        without_duplicates(pairs)
    assert _Name.steps < 10 * len(pairs)


def test_a_response_names_at_most_a_hundred_mistakes() -> None:
    long = "x" * 100_000
    rows = [{f"f{number}": 1 for number in range(1_000)} for _ in range(20)]
    with pytest.raises(Invalid) as refused:
        parse(NewInvoice, json.dumps({"metadata": {long: 1}, "lines": rows}).encode())
    assert len(refused.value.errors) == 100
    assert max(len(error.pointer) for error in refused.value.errors) < 200
    assert refused.value.code == "VALIDATION_ERROR"


def test_a_form_that_is_too_large_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("invoicing.http.multipart.fields_and_files", _never)
    with pytest.raises(FileTooLarge):
        parse_form(_Form, b"x" * (MAX_FORM_BYTES + 1), f"{form.MEDIA_TYPE}; boundary=b")


class _Form(Form):
    note: str | None = None


def _never(*_: object, **__: object) -> Any:
    raise AssertionError("parsed")
