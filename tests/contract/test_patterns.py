"""Patterns of text fields: JavaScript can compile them, and no response shows them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from invoicing.http.patterns import message_for
from tests.answers import document
from tests.gateway import Client

OWN_MESSAGE = re.compile(r"\(0\|\[1-9\]|@")
"""Decimals and e-mail addresses, whose validators have their own messages."""
JAVASCRIPT_ESCAPE = re.compile(r"\\(?![dDwWsSbBnrtfv0^$\\.*+?()[\]{}|/]|x[0-9a-f]{2}|u[0-9a-f]{4})")
"""An escape that the `u` flag of JavaScript refuses."""


def patterns(thing: Any) -> Iterator[str]:
    """Every pattern of a document; number series in its examples have a field of this name."""
    if isinstance(thing, dict):
        if isinstance(thing.get("pattern"), str):
            yield thing["pattern"]
        for name, value in thing.items():
            if name not in ("example", "examples"):
                yield from patterns(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from patterns(value)


@pytest.mark.parametrize("pattern", sorted(set(patterns(document()))))
def test_a_pattern_compiles_in_javascript(pattern: str) -> None:
    assert not JAVASCRIPT_ESCAPE.search(pattern)


@pytest.mark.parametrize("pattern", sorted(set(patterns(document()))))
def test_a_pattern_has_a_message_for_people(pattern: str) -> None:
    if not OWN_MESSAGE.search(pattern):
        assert message_for(pattern) != message_for("")


def test_a_refusal_shows_no_regular_expression(api: Client) -> None:
    customer = {
        "name": "x",
        "emails": ["müller@example.com"],
        "address": {"country": "Deutschland"},
        "language": "deutsch",
    }
    answer = api.post("/customers", {**customer, "language": "deutsch", "owner_id": "me"})
    messages = {error["pointer"]: error["message"] for error in answer.json["errors"]}
    assert messages["/address/country"] == "Input should be a country code of ISO 3166-1, such as DE"
    assert messages["/owner_id"] == "Input should be an id such as usr_01JD8X2V6PZ3QK7M5T9WRC4HBN"
    assert "e-mail address" in messages["/emails/0"]
    assert "^" not in json.dumps(messages)
