"""Days and instants are bounded wherever a client can send one, on any endpoint."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from infra.discovery import endpoints
from invoicing.core.errors import DomainError
from invoicing.http.body import parse
from invoicing.http.declaration import Endpoint
from invoicing.http.patch import Patch
from tests.answers import followed, operation
from tests.aws import recorded
from tests.contract.conftest import Companies
from tests.world import fitting

OUTSIDE = {
    "date": ("1899-12-31", "2201-01-01", "9999-12-31"),
    "date-time": (
        "1900-01-01T00:00:00+00:01",
        "2200-12-31T23:59:59-00:01",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+12:00",
    ),
}
INSIDE = {
    "date": ("1900-01-01", "2200-12-31"),
    "date-time": ("1900-01-01T00:00:00Z", "2200-12-31T23:59:59Z"),
}


def dated(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Every place of a date or an instant in a schema, with its format."""
    schema = followed(schema)
    if schema.get("format") in OUTSIDE:
        yield path, schema["format"]
    for choice in (one for kind in ("anyOf", "oneOf") for one in schema.get(kind, ())):
        yield from dated(choice, path)
    for name, inner in schema.get("properties", {}).items():
        yield from dated(inner, f"{path}/{name}")
    if "items" in schema:
        yield from dated(schema["items"], f"{path}/0")


TOGETHER = {("SetCancellation", "/on"): {"at": "date"}}
"""The fields that a date belongs to; without them it is refused for that."""


def body_with(path: str, value: str) -> Any:
    """A body with only this value, at this place."""
    found: Any = value
    for name in reversed(path.split("/")[1:]):
        found = [found] if name == "0" else {name: found}
    return found


def model_of(endpoint: Endpoint) -> type[BaseModel]:
    """The schema of a body; for a patch, that of its result."""
    assert endpoint.body
    if not issubclass(endpoint.body, Patch):
        return endpoint.body
    whole: type[BaseModel] = endpoint.body.__pydantic_generic_metadata__["args"][0]
    return whole


def refused(model: type[BaseModel], body: Any) -> set[str]:
    """The pointers of the mistakes in a body."""
    try:
        parse(model, json.dumps(body).encode())
    except DomainError as error:
        return {one.pointer for one in error.errors}
    return set()


WITH_BODY = [pytest.param(one, id=found.name) for found, one in endpoints() if one.body is not None]
WITH_QUERY = [pytest.param(one, id=found.name) for found, one in endpoints() if one.query is not None]


@pytest.mark.parametrize("endpoint", WITH_BODY)
def test_days_and_instants_in_bodies_are_bounded(endpoint: Endpoint) -> None:
    contents = operation(endpoint)["requestBody"]["content"].values()
    for path, format_ in {place for content in contents for place in dated(content["schema"])}:
        for value in OUTSIDE[format_]:
            assert path in refused(model_of(endpoint), body_with(path, value)), (path, value)
        for value in INSIDE[format_]:
            body = body_with(path, value) | TOGETHER.get((model_of(endpoint).__name__, path), {})
            assert path not in refused(model_of(endpoint), body), (path, value)


@pytest.mark.parametrize("endpoint", WITH_QUERY)
def test_days_and_instants_in_queries_are_bounded(endpoint: Endpoint, companies: Companies) -> None:
    world = fitting(companies.ours, endpoint)
    path = endpoint.path.format(**world.ids(endpoint))
    for parameter in operation(endpoint)["parameters"]:
        for _, format_ in dated(parameter.get("schema", {})):
            for value in OUTSIDE[format_]:
                query = f"{parameter['name']}={value.replace('+', '%2B')}"
                answer = world.client(endpoint.method, f"{path}?{query}")
                assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, f"?{parameter['name']}"), value


def ranges(endpoint: Endpoint) -> list[tuple[str, str, str]]:
    """The ranges that a list accepts: `due_from`, `due_to` and the format of both."""
    formats = {
        parameter["name"]: format_
        for parameter in operation(endpoint)["parameters"]
        for _, format_ in dated(parameter.get("schema", {}))
    }
    pairs = ((name, f"{name.removesuffix('_from')}_to") for name in formats if name.endswith("_from"))
    return [(start, end, formats[start]) for start, end in pairs if end in formats]


WITH_RANGES = [
    pytest.param(one, start, end, format_, id=f"{found.name}-{start}")
    for found, one in endpoints()
    if one.query is not None
    for start, end, format_ in ranges(one)
]


@pytest.mark.parametrize(("endpoint", "start", "end", "format_"), WITH_RANGES)
def test_a_range_that_ends_before_it_begins_is_empty(
    endpoint: Endpoint, start: str, end: str, format_: str, companies: Companies
) -> None:
    world = fitting(companies.ours, endpoint)
    path = endpoint.path.format(**world.ids(endpoint))
    first, last = INSIDE[format_]
    with recorded() as calls:
        page = world.client.get(f"{path}?{start}={last}&{end}={first}").ok()
    assert (page["data"], page["has_more"], page["next_cursor"]) == ([], False, None)
    assert not calls.names["dynamodb:Query"], "nothing is looked for"


def test_the_lists_with_ranges_are_found() -> None:
    assert len(WITH_RANGES) >= 6


def test_most_endpoints_with_dates_are_found() -> None:
    names = {
        path
        for _, one in endpoints()
        if one.body is not None
        for content in operation(one)["requestBody"]["content"].values()
        for path, _ in dated(content["schema"])
    }
    assert {"/paused_until", "/lines/0/period/end", "/references/0/issue_date", "/base_rates/0/valid_from"} <= names
    assert {"/due_date", "/expires_at", "/archived_at", "/mandate/signed_on", "/books_closed_until"} <= names
