"""Plain English in the glossary, summaries, error titles, identifiers, docstrings, comments and names of tests."""

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from infra.discovery import ROOT, endpoints
from invoicing.core.errors import DomainError
from invoicing.http.declaration import Endpoint
from tests.idiom import IDIOM, IDIOM_IN_PROSE

LONGEST_SUMMARY = 12
"""Words."""
LONGEST_TEST_NAME = 60
"""Characters."""
VERBS = frozenset(
    [
        "Add",
        "Allocate",
        "Calculate",
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
        "Open",
        "Pause",
        "Preview",
        "Reactivate",
        "Record",
        "Redirect",
        "Render",
        "Request",
        "Resume",
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


IDIOMATIC_WORDS = frozenset(["tell", "tells", "told", "telling", "say", "says", "said", "saying", "whoever"])
"""Words that neither identifiers nor first lines of docstrings have."""
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
WHAT_AS_SUBJECT = re.compile(r"(^|[.:;,] )what ", re.IGNORECASE)
FOLDERS = ("functions", "infra", "layers/invoicing/python")


def identifiers(tree: ast.Module) -> Iterator[str]:
    """Every name that a file declares."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def first_lines(tree: ast.Module) -> Iterator[str]:
    """The first line of each docstring in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield (ast.get_docstring(node) or "").split("\n", 1)[0]


def prose(source: str) -> Iterator[str]:
    """The docstrings of a source text, those of attributes included, and its comments."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def idiom_in(source: str) -> list[str]:
    """The identifiers and first lines in a source text that are not plain English."""
    tree = ast.parse(source)
    names = [name for name in identifiers(tree) if IDIOMATIC_WORDS & {word.lower() for word in WORD.findall(name)}]
    lines = [
        line
        for line in first_lines(tree)
        if IDIOMATIC_WORDS & set(re.findall(r"\w+", line.lower())) or WHAT_AS_SUBJECT.search(line)
    ]
    return names + lines


def test_code_is_in_plain_english() -> None:
    files = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    found = {str(path.relative_to(ROOT)): idiom_in(path.read_text(encoding="utf-8")) for path in files}
    assert {path: idiom for path, idiom in found.items() if idiom} == {}


def test_docstrings_and_comments_are_in_plain_english() -> None:
    files = sorted(path for folder in (*FOLDERS, "tests") for path in (ROOT / folder).rglob("*.py"))
    found = {
        f"{path.relative_to(ROOT)}: {' '.join(text.split())}"
        for path in files
        for text in prose(path.read_text(encoding="utf-8"))
        if IDIOM_IN_PROSE.search(text)
    }
    assert found == set()


def test_readmes_are_in_plain_english() -> None:
    files = [
        ROOT / "README.md",
        *(path for folder in (*FOLDERS[:2], "layers", "tests") for path in (ROOT / folder).rglob("README.md")),
    ]
    found = {
        f"{path.relative_to(ROOT)}: {line}"
        for path in files
        for line in path.read_text(encoding="utf-8").split("\n")
        if IDIOM_IN_PROSE.search(line)
    }
    assert len(files) > 6
    assert found == set()


@pytest.mark.parametrize(
    "source", ['"""A.\n\nIt says so."""', 'a = 1\n"""What is due."""', "b = 2  # told by SES", "# whatever it is"]
)
def test_idiom_in_prose_is_found(source: str) -> None:
    assert any(IDIOM_IN_PROSE.search(text) for text in prose(source))


@pytest.mark.parametrize(
    "source",
    [
        "def tell_overdue(): ...",
        "def f(said): ...",
        "class ToldEvent: ...",
        "whoever = 1",
        'def f():\n    """What is due."""',
        '"""Whoever holds the link."""',
        'class A:\n    """The rest: what was not paid."""',
    ],
)
def test_idiom_is_found(source: str) -> None:
    assert idiom_in(source)


@pytest.mark.parametrize("source", ["def retell(): ...", 'def f():\n    """Decide what to do."""', "essay = 1"])
def test_plain_english_is_accepted(source: str) -> None:
    assert not idiom_in(source)


def test_names_of_tests_are_short_and_plain() -> None:
    names = {
        name: path.name
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in identifiers(ast.parse(path.read_text(encoding="utf-8")))
        if name.startswith("test_")
    }
    assert {name: file for name, file in names.items() if len(name) > LONGEST_TEST_NAME} == {}
    assert {name: file for name, file in names.items() if IDIOM.search(name.replace("_", " "))} == {}


def test_the_glossary_defines_each_term_once() -> None:
    text = (ROOT / "layers/README.md").read_text(encoding="utf-8").partition("## Glossary")[2]
    rows = re.findall(r"^\| ([a-z][a-z -]+) \| (.+) \|$", text, re.MULTILINE)
    terms = [term for term, _ in rows]
    assert len(terms) >= 40
    assert terms == sorted(set(terms))
    unclear = [term for term, meaning in rows if len(meaning.split()) < 4 or IDIOM.search(meaning)]
    assert unclear == []
