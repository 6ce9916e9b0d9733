"""Clients read plain English: short imperative summaries, and no private idiom in summaries and error titles."""

import inspect
import re

import pytest

from infra.discovery import endpoints
from invoicing.core.errors import DomainError
from invoicing.http.declaration import Endpoint

LONGEST_SUMMARY = 12
"""Words."""
VERBS = frozenset(
    [
        "Add",
        "Cancel",
        "Check",
        "Close",
        "Create",
        "Credit",
        "Delete",
        "Download",
        "Duplicate",
        "Erase",
        "Explain",
        "Finalize",
        "Issue",
        "List",
        "Preview",
        "Reactivate",
        "Record",
        "Redirect",
        "Render",
        "Request",
        "Retrieve",
        "Reverse",
        "Revoke",
        "Send",
        "Set",
        "Start",
        "Stop",
        "Update",
        "Upload",
    ]
)
"""The verbs that start a summary: one word for one meaning."""
IDIOM = re.compile(r"\b(tells?|told|telling|sa(y|ys|id)|whoever|anew|afresh|to be had|what)\b", re.IGNORECASE)

ENDPOINTS = pytest.mark.parametrize("declared", [one for _, one in endpoints()], ids=lambda one: one.path)


def summary_of(declared: Endpoint) -> str:
    return inspect.cleandoc(declared.handle.__doc__ or "").split("\n", 1)[0]


def descendants(error: type[DomainError]) -> list[type[DomainError]]:
    return [error, *(one for child in error.__subclasses__() for one in descendants(child))]


@ENDPOINTS
def test_a_summary_is_a_short_imperative(declared: Endpoint) -> None:
    words = summary_of(declared).split()
    assert words[0].rstrip(",") in VERBS
    assert len(words) <= LONGEST_SUMMARY


@ENDPOINTS
def test_a_description_has_no_idiom(declared: Endpoint) -> None:
    assert not IDIOM.search(declared.handle.__doc__ or "")


def test_error_titles_have_no_idiom() -> None:
    titles = {error.code: error.title() for error in descendants(DomainError) if "code" in vars(error)}
    assert len(titles) > 70
    assert not {code: title for code, title in titles.items() if IDIOM.search(title)}
