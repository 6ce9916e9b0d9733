"""The business terms of EN 16931 with the fields of the API that give them, and their places in both syntaxes.

`en16931_terms.csv` has one row for each term: `expressible` by a field of a request, or `computed` from other values.
Terms with two numbers, such as BT-29-1, are the schemes and versions of identifiers.
"""

import base64
import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

from pydantic import BaseModel, TypeAdapter

from infra.descriptions import described
from invoicing.customers.model import CustomerData
from invoicing.invoices.drafts.model import ChangedInvoice
from invoicing.tenants.model import TenantData
from tests.unit.test_einvoice import Read

State = Literal["expressible", "computed"]
REQUESTS: Final[dict[str, type[BaseModel]]] = {
    "invoice": ChangedInvoice,
    "tenant": TenantData,
    "customer": CustomerData,
}
"""The requests that a document consists of; the path of a field begins with one of them."""
TAX_POINTS_OF_CII: Final = {"3": "5", "35": "29", "432": "72"}
"""The codes of BT-8 in UNTDID 2475, which CII has in place of those of UNTDID 2005."""


class Term(NamedTuple):
    """A business term: the field or the values that it comes from, and its places."""

    term: str
    name: str
    state: State
    source: str
    """Path of the field (`invoice.lines[].note`), or the values that the term is computed from."""
    cii: str
    ubl: str
    match: Literal["", "part", "translated", "content"]
    """How the XML contains the value: equal by default, as a part of a text, as another code in CII, or in base64.

    Tests store files whose content is their id.
    """
    excludes: str
    """Terms that a document with this one cannot contain."""
    only: Literal["", "invoice"]
    """The type of document that can state the term, if others cannot."""
    note: str

    @property
    def places(self) -> tuple[str, str]:
        """The XPath of the term in CII and in UBL."""
        return self.cii, self.ubl

    def given(self, requests: dict[str, Any]) -> set[str]:
        """The values of the term in the requests of a document."""
        return {plain(str(value)) for value in _values(requests, self.source.replace("[]", ".[]").split("."))}

    def lacking(self, read: Read, requests: dict[str, Any]) -> set[str]:
        """The values of the requests that the XML does not contain."""
        found = {plain(text) for text in read.texts(*self.places)}
        if self.match == "part":
            return {value for value in self.given(requests) if not any(value in text for text in found)}
        if self.match == "translated" and read.cii:
            return {TAX_POINTS_OF_CII[value] for value in self.given(requests)} - found
        if self.match == "content":
            return {value for value in self.given(requests) if base64.b64encode(value.encode()).decode() not in found}
        return self.given(requests) - found


def plain(text: str) -> str:
    """A value in one form for both syntaxes: dates without dashes, decimals without zeros at the end."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text.replace("-", "")
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d+", text) else text


def _values(given: Any, path: list[str]) -> Iterator[Any]:
    if given is None:
        return
    if not path:
        yield given
    elif path[0] == "[]":
        for one in given:
            yield from _values(one, path[1:])
    else:
        yield from _values(given.get(path[0]), path[1:])


def _rows() -> Iterator[Term]:
    with Path(__file__).with_name("en16931_terms.csv").open(encoding="utf-8", newline="") as file:
        yield from map(TypeAdapter(Term).validate_python, csv.DictReader(file))


TERMS: Final[dict[str, Term]] = {row.term: row for row in _rows()}


def places(term: str) -> tuple[str, str]:
    """The XPath of a term in CII and in UBL."""
    return TERMS[term].places


def counts() -> dict[State, int]:
    """The number of business terms in each state, without the schemes of identifiers."""
    found = Counter(row.state for row in TERMS.values() if row.term.count("-") == 1)
    return {state: found[state] for state in get_args(State)}


def fields_of_requests() -> dict[str, str]:
    """The path of each field in the requests, with its description."""
    return {path: text for name, model in REQUESTS.items() for path, text in _fields(name, model)}


def _fields(path: str, model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    texts = described(model, in_responses=False)
    for name, field in model.model_fields.items():
        at, inner = _of_type(f"{path}.{name}", field.annotation)
        yield at, texts.get(name, "")
        if inner is not None:
            yield from _fields(at, inner)


def _of_type(path: str, annotation: Any) -> tuple[str, type[BaseModel] | None]:
    """The path of a field, with `[]` if it is a list, and the model of its values, if they have one."""
    while (inside := getattr(annotation, "__value__", None)) is not None:
        annotation = inside
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return path, annotation
    if getattr(annotation, "__origin__", None) is tuple:
        return _of_type(f"{path}[]", get_args(annotation)[0])
    for one in get_args(annotation):
        found = _of_type(path, one)
        if found != (path, None):
            return found
    return path, None
