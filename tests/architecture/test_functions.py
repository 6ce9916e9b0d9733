"""Rules for every function."""

import ast
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest

from infra.discovery import ROOT, DeclaredFunction, InvalidDeclaration, discover, endpoints
from invoicing.aws.grants import Grant
from invoicing.core.errors import DomainError
from invoicing.core.identity import Scope
from invoicing.http.declaration import Endpoint
from invoicing.invoices.errors import InvalidState

FUNCTIONS = pytest.mark.parametrize("found", discover(), ids=lambda found: found.name)
ENDPOINTS = pytest.mark.parametrize(("found", "declared"), endpoints(), ids=lambda part: getattr(part, "name", ""))


@FUNCTIONS
def test_each_function_has_a_test_file_of_its_name(found: DeclaredFunction) -> None:
    assert (ROOT / "tests" / found.file.parent / f"test_{found.name}.py").exists()


@FUNCTIONS
def test_each_function_documents_its_purpose_and_its_route(found: DeclaredFunction) -> None:
    tree = ast.parse((ROOT / found.file).read_text())
    handler = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "handler")
    assert ast.get_docstring(handler)
    head = ast.get_docstring(tree)
    assert head
    if isinstance(found.declaration, Endpoint):
        assert head == f"{found.declaration.method} {found.declaration.path}"


@FUNCTIONS
def test_a_handler_reads_like_the_business(found: DeclaredFunction) -> None:
    tree = ast.parse((ROOT / found.file).read_text())
    handler = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "handler")
    statements = [node for node in ast.walk(handler) if isinstance(node, ast.stmt)]
    assert len(statements) <= 20


@ENDPOINTS
def test_each_endpoint_has_a_scope_but_links(found: DeclaredFunction, declared: Endpoint) -> None:
    if declared.path.startswith(("/downloads/", "/pages/")):
        assert declared.scope is None
    else:
        assert declared.scope in get_args(Scope)


@ENDPOINTS
def test_each_path_variable_is_an_argument_and_has_its_refusal(found: DeclaredFunction, declared: Endpoint) -> None:
    codes = {error.code for error in declared.raises}
    for name in declared.path_parameters:
        named = {"token": "LINK", "page_token": "LINK", "page_link_id": "LINK", "name": "SERIES"}
        named |= {"method_id": "PAYMENT_METHOD", "sepa_file_link_id": "LINK"}
        resource = named.get(name, name.removesuffix("_id").upper())
        assert f"{resource}_NOT_FOUND" in codes


@ENDPOINTS
def test_endpoints_declare_the_refusals_of_the_lifecycle(found: DeclaredFunction, declared: Endpoint) -> None:
    assert declared.action is None or InvalidState in declared.raises


@ENDPOINTS
def test_reading_never_writes(found: DeclaredFunction, declared: Endpoint) -> None:
    # A document that its customer reads through a link or in the portal becomes sent.
    if declared.method == "GET" and found.name not in {"open_download", "open_page", "get_invoice"}:
        # A file too large for a response is stored for the URL of its redirect alone.
        writes = {Grant.COMMIT, Grant.PUBLISH, Grant.SEND_EMAIL}
        writes |= set() if declared.redirects_large_files else {Grant.WRITE_FILES}
        assert not writes & set(declared.grants)


def test_repeated_groups_of_errors_have_names() -> None:
    # `issuing/refusals.py` has them. Three functions may list the same errors by chance.
    lists = {found.name: _errors_by_name(found.file) for found, _ in endpoints()}
    shared = {one & other for one, other in combinations(lists.values(), 2) if len(one & other) >= 3}
    repeated = {group: [name for name, errors in lists.items() if group <= errors] for group in shared}
    assert {group: names for group, names in repeated.items() if len(names) >= 4} == {}


def _errors_by_name(file: Path) -> frozenset[str]:
    """The errors that a function lists one by one in `raises`."""
    keywords = (node for node in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(node, ast.keyword))
    [raises] = [node.value for node in keywords if node.arg == "raises"] or [ast.List()]
    return frozenset(node.id for node in getattr(raises, "elts", ()) if isinstance(node, ast.Name))


def test_each_code_is_declared_once() -> None:
    def descendants(error: type[DomainError]) -> list[type[DomainError]]:
        return [error, *(one for child in error.__subclasses__() for one in descendants(child))]

    codes = [error.code for error in descendants(DomainError) if "code" in vars(error)]
    assert len(codes) == len(set(codes))
    assert all(error.title().endswith(".") for error in descendants(DomainError))


def test_no_file_is_too_long() -> None:
    files = [path for folder in ("functions", "infra", "layers", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert [path for path in files if len(path.read_text().splitlines()) > 400] == []


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a/x.py": "", "b/y.py": "handler = 1"}, "no declared handler"),
        ({"a/x.py": "{get} /a", "b/x.py": "{get} /b"}, "same name"),
        ({"a/x.py": "{get} /a", "a/y.py": "{get} /a"}, "both have the route"),
        ({"a/x.py": "{get} /a/{b}", "a/y.py": "{get} /a/{c}/d"}, "says {c}"),
    ],
)
def test_a_function_that_cannot_be_deployed_is_named(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    for name, text in files.items():
        path = tmp_path / "functions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("{get} "):
            route = text.removeprefix("{get} ")
            text = (
                "from invoicing.http.endpoint import endpoint\n"
                f"@endpoint('GET', '{route}', scope=None, grants=[])\ndef handler() -> None: ...\n"
            )
        path.write_text(text)
    with pytest.raises(InvalidDeclaration, match=reason):
        discover(tmp_path)
