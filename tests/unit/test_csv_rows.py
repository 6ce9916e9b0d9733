import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from infra.discovery import endpoints
from invoicing.core.model import Amount, Value
from invoicing.http.lists.rows import columns, header, lines
from tests.functions.test_hostile_texts import HOSTILE


class Place(Value):
    """An object within an entry."""

    city: str
    within: "Place | None" = None


class Entry(Value):
    """An entry with a value of each kind."""

    object: str = "entry"
    id: str
    amount: Amount = Decimal("-1.50")
    live: bool = True
    place: Place | None = None
    tags: tuple[str, ...] = ()
    parts: tuple[Place, ...] = ()
    more: dict[str, Any] = {}  # noqa: RUF012 — pydantic copies it


SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""How formulas begin, also in full width."""


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def cells(**fields: Any) -> dict[str, str]:
    [row] = read(lines(Entry, [Entry(**{"id": "1", **fields})]))
    return dict(zip(columns(Entry), row, strict=True))


def test_each_value_has_a_column_in_the_order_of_the_model() -> None:
    assert columns(Entry) == ("id", "amount", "live", "place.city", "place.within", "tags", "parts", "more")
    assert header(Entry) == "id,amount,live,place.city,place.within,tags,parts,more\r\n"


def test_values_are_written_as_spreadsheets_read_them() -> None:
    place = Place(city='Köln, "Süd"\nAltstadt')
    found = cells(place=place, tags=("a", "b"), parts=(Place(city="x"),), more={"k": 1})
    assert found == {
        "id": "1", "amount": "-1.50", "live": "true", "place.city": place.city, "place.within": "", "tags": "a, b",
        "parts": '[{"city":"x","within":null}]', "more": '{"k":1}',
    }  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1-1", "@SUM(A1)", "-", "+1", "\uff1d1", "\tx", "\rx", "\nx"])
def test_no_text_is_a_formula(text: str) -> None:
    assert cells(id=text)["id"] == ("'" + text)
    assert cells(tags=(text, "b"))["tags"].startswith("'")


@pytest.mark.parametrize(
    "text",
    [
        *HOSTILE,
        *(f"x{mark}{sign}1+1{mark}" for mark in (";", "\t", "\r", "\n", "\r\n", ';"', '";""') for sign in "=+-@"),
        '"=1+1"',
        "\t=1",
        "a,b;c\x00",
    ],
    ids=lambda text: ascii(text[:30]),
)
def test_hostile_texts_are_one_cell_without_formula(text: str) -> None:
    place, tags, more = Place(city=text), ("x", text), {text: [text]}
    found = cells(id=text, place=place, tags=tags, more=more)
    expected = {"id": text, "place.city": text, "tags": f"x, {text}"}
    assert {name: found[name].replace("'", "") for name in expected} == {
        name: value.replace("'", "") for name, value in expected.items()
    }
    assert len(json.loads(found["more"])) == 1
    for separator in ",;\t":
        written = lines(Entry, [Entry(id=text, place=place, tags=tags, more=more)])
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.startswith(SIGNS) and cell != "-1.50"]


@pytest.mark.parametrize(
    "text", [f"a{'\u0301' * 100_000}", "a;" * 50_000, ";=" * 40_000], ids=lambda text: ascii(text[:3])
)
def test_long_hostile_texts_stay_whole(text: str) -> None:
    assert cells(id=text)["id"] == text.replace(";=", ";'=")


@pytest.mark.parametrize("text", ["-12.00", "-1", "0", "a=1", "", " =1", "a;b", "a\nb"])
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    assert cells(id=text)["id"] == text


def test_every_list_has_different_columns_with_names() -> None:
    lists = [endpoint for _, endpoint in endpoints() if endpoint.paginates]
    assert len(lists) > 15
    for endpoint in lists:
        names = columns(endpoint.entry)
        assert len({name.lower() for name in names}) == len(names) > 3
        assert read(header(endpoint.entry)) == [list(names)]
