"""Every field and parameter of the API is described, in the OpenAPI document and in the event schemas."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.descriptions import COMMON, described, parameter
from infra.discovery import endpoints
from infra.event_schemas import event_schemas, incoming_schemas
from invoicing.customers.model import Customer
from invoicing.invoices.drafts.model import DraftContent
from invoicing.invoices.model import Invoice
from tests.answers import document
from tests.idiom import IDIOM

Described = tuple[str, str, str | None]
"""Its place, its name, its description."""
EMPTY_WORDS = {"a", "an", "the", "of", "this", "its", "is", "for"}


def properties(schema: Any, at: str) -> Iterator[Described]:
    """Every property in a schema, at any depth."""
    if isinstance(schema, list):
        for inner in schema:
            yield from properties(inner, at)
    if not isinstance(schema, dict):
        return
    fields = schema.get("properties")
    for name, field in fields.items() if isinstance(fields, dict) else ():
        yield at, name, field.get("description") if isinstance(field, dict) else None
        yield from properties(field, f"{at}/{name}")
    for key, inner in schema.items():
        if key not in ("properties", "examples", "default"):
            yield from properties(inner, f"{at}/{key}" if key in ("$defs", "items") else at)


def parameters() -> Iterator[Described]:
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            for one in operation["parameters"]:
                if "$ref" not in one:
                    yield f"{method} {path}", one["name"], one.get("description")
            yield from properties(operation.get("requestBody", {}), f"{method} {path}")


def everything() -> Iterator[Described]:
    components = document()["components"]
    for name, schema in components["schemas"].items():
        yield from properties(schema, name)
    for one in components["parameters"].values():
        yield "components", one["name"], one.get("description")
    for name, schema in {**event_schemas(), **incoming_schemas()}.items():
        yield from properties(schema, name)
    yield from parameters()


def says_nothing(name: str, text: str) -> bool:
    words = [word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in EMPTY_WORDS]
    return len(text.split()) < 3 or set(words) <= set(name.lower().split("_"))


def test_each_field_and_parameter_is_described() -> None:
    found = list(everything())
    assert len(found) > 1_300
    assert [(at, name) for at, name, text in found if not text] == []


def test_a_description_is_a_sentence_beyond_the_name() -> None:
    poor = [(at, name, text) for at, name, text in everything() if text and says_nothing(name, text)]
    assert poor == []
    unfinished = [(at, name, text) for at, name, text in everything() if text and not text.endswith(".")]
    assert unfinished == []


@pytest.mark.parametrize(("name", "text"), [("due_date", "This is the due date."), ("id", "The id.")])
def test_a_description_that_repeats_the_name_is_refused(name: str, text: str) -> None:
    assert says_nothing(name, text)


def test_descriptions_are_plain_english() -> None:
    assert sorted({text for _, _, text in everything() if text and IDIOM.search(text)}) == []


def test_every_common_description_is_used() -> None:
    text = str(document()) + str(event_schemas())
    assert [name for name, common in COMMON.items() if common not in text] == []


def test_a_field_is_described_by_its_docstring_and_its_type() -> None:
    asked = described(Invoice, in_responses=False)
    assert asked["due"] == (
        "Amount that is still due. Decimal string in the major unit of the currency, such as `119.00`. "
        "Requests use exactly the number of decimals that ISO 4217 gives the currency."
    )
    shown = described(Invoice, in_responses=True)
    assert shown["due"] == asked["due"].partition(" Requests")[0]


def test_a_field_is_described_by_its_class_then_by_its_bases() -> None:
    base = described(DraftContent, in_responses=True)
    assert described(Invoice, in_responses=True)["closing"] == base["closing"]
    assert described(Customer, in_responses=True)["version"].startswith("Number of changes so far")


def test_a_common_field_is_described_by_its_name() -> None:
    assert described(Customer, in_responses=True)["created_by"] == COMMON["created_by"]


def test_a_path_parameter_is_described_by_name_or_type() -> None:
    texts = {name: parameter(one.handle, name) for _, one in endpoints() for name in one.path_parameters}
    assert texts["invoice_id"] == COMMON["invoice_id"]
    assert texts["token"] == "Secret token of the link: 43 characters that encode 256 random bits (base64url)."
