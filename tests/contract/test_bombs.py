"""Small requests that could exhaust time or memory are refused or answered within bounds."""

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from infra.discovery import endpoints
from invoicing.http.declaration import Endpoint
from tests import bombs
from tests.answers import followed, operation
from tests.builders import invoice_json, line_json
from tests.contract.conftest import Companies
from tests.contract.test_bounds import body_with, model_of, refused

PEAK = """
import json, resource
from invoicing.core.errors import DomainError
from invoicing.documents.pdf import printable_logo
from invoicing.notes.files import KINDS, require_content
from tests import bombs
from tests.logos import png

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

pictures, document = bombs.pictures(), bombs.document()
printable_logo(png(2_000, 2_000), "file_1")
before, found = peak(), {}
require_content(KINDS[".docx"], document, pointer="/file")
found["document"] = peak() - before
for name, picture in pictures.items():
    try:
        printable_logo(picture, "file_1")
    except DomainError:
        pass
    found[name] = peak() - before
print(json.dumps(found))
"""
"""Prints each bomb, and by how many MB that raised the peak of the process above that of the largest logo."""

PROCESSOR_SECONDS = 60
Place = tuple[Endpoint, str]


def strings(schema: dict[str, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every place of a string in a schema, with the rules for it."""
    schema = followed(schema)
    if depth > 8:
        return
    if schema.get("type") == "string":
        yield path, schema
    for choice in (one for kind in ("anyOf", "oneOf") for one in schema.get(kind, ())):
        yield from strings(choice, path, depth + 1)
    for name, inner in schema.get("properties", {}).items():
        yield from strings(inner, f"{path}/{name}", depth + 1)
    if "items" in schema:
        yield from strings(schema["items"], f"{path}/0", depth + 1)


def places() -> tuple[list[Place], list[Place]]:
    """A place for each name of a field, and one for each form of strings."""
    by_name: dict[str, Place] = {}
    by_form: dict[Any, Place] = {}
    for _, endpoint in endpoints():
        for content in operation(endpoint).get("requestBody", {}).get("content", {}).values():
            for path, rules in strings(content["schema"]):
                by_name.setdefault(path.rpartition("/")[2], (endpoint, path))
                by_form.setdefault(tuple(map(rules.get, ("pattern", "format", "maxLength"))), (endpoint, path))
    return list(by_name.values()), list(by_form.values())


@pytest.mark.parametrize("bomb", bombs.STRINGS)
def test_every_string_field_refuses_or_accepts_long_texts(bomb: str) -> None:
    """`refused` raises any error that is none of the contract."""
    by_name, by_form = places()
    text = bombs.STRINGS[bomb]
    begun = time.process_time()
    # Each form of strings normalizes text once, which takes most of the time.
    for endpoint, path in by_name if text.isascii() else by_form:
        refused(model_of(endpoint), body_with(path, text))
    # Processor time, which other programs do not prolong: all fields take about 2 seconds.
    assert time.process_time() - begun < PROCESSOR_SECONDS


@pytest.mark.parametrize("number", bombs.NUMBERS)
@pytest.mark.parametrize("field", ["quantity", "unit_price", "name", "ordered_quantity"])
def test_a_number_beyond_any_type_is_refused(field: str, number: str, companies: Companies) -> None:
    text = json.dumps(invoice_json(lines=[line_json(**{field: "BOMB"})])).encode()
    answer = companies.ours.client.post("/invoices", raw=text.replace(b'"BOMB"', bombs.NUMBERS[number]))
    accepted = (field, number) in {("quantity", "negative zero"), ("ordered_quantity", "negative zero")}
    assert answer.status == 400 or accepted, answer.text


def test_a_compressed_body_is_not_inflated(companies: Companies) -> None:
    bomb = gzip.compress(b'{"note":"' + bytes(20_000_000) + b'"}')
    assert len(bomb) < 1_000_000
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = companies.ours.client.post("/invoices", raw=bomb, headers=headers)
    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.skipif(sys.platform == "win32", reason="`resource` is of Unix")
def test_a_file_that_inflates_is_not_inflated() -> None:
    run = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2_000:]
    more = json.loads(run.stdout)
    assert len(more) == 5
    assert {name: megabytes for name, megabytes in more.items() if megabytes > 50} == {}
