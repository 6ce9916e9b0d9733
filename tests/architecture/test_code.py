"""Rules of the code of functions and layers that concern more than its imports."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from tests.architecture.test_imports import LAYER, ROOT, modules

CODE = {path: ast.parse(path.read_text()) for path in modules(LAYER, ROOT / "functions")}
"""The modules that run in Lambda."""
_ERROR_CODES = LAYER / "aws/errors.py"
_CODE_FIELDS = {"Code", "ErrorCode"}
_NAMES = {"entity", "object"}
"""The fields with the name of a noun: of stored items, and of objects in JSON."""

HOMONYMS = {
    # `draft`, `finalize` and `send` of a subscription's invoices; an action of the lifecycle of documents.
    "Action",
    # An item of a subscription, as billing systems call it; an item of the table, as DynamoDB does.
    "Item",
    # A Lambda layer; a line of an issued document from which proration takes the newest first.
    "Layer",
    # A billing period; the days of a line (EN 16931 BG-26).
    "Period",
    # A price of the catalogue; a price as a line of an invoice shows it, from which a share is credited.
    "Price",
    # The texts of one language; the texts that a subscription gives its invoices.
    "Texts",
}
"""The names of types that two modules declare: each is the term of its field. Other names have one meaning."""


def test_error_codes_of_aws_have_one_module() -> None:
    # Other modules call its functions, such as `condition_failed(error)`.
    found = {_place(path, node) for path in CODE if path != _ERROR_CODES for node in _decided_by_code(CODE[path])}
    assert found == set()


def _decided_by_code(module: ast.Module) -> Iterator[ast.expr]:
    """The expressions that name an error code, or compare one."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.endswith("Exception") and node.value.isalnum():
                yield node
        elif isinstance(node, ast.Compare) and any(_reads_code(inner) for inner in ast.walk(node)):
            yield node


def _reads_code(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "code_of"
    return isinstance(node, ast.Constant) and node.value in _CODE_FIELDS


def test_no_dispatch_by_the_name_of_a_noun() -> None:
    # A class, or the table that a row comes from, decides instead of `object` or `entity`.
    found = {_place(path, node) for path in CODE for node in ast.walk(CODE[path]) if _compares_names(node)}
    assert found == set()


def _compares_names(node: ast.AST) -> TypeGuard[ast.expr]:
    return isinstance(node, ast.Compare) and any(_reads_name(inner) for inner in ast.walk(node))


def _reads_name(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "object"
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value in _NAMES
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        return isinstance(node.args[0], ast.Constant) and node.args[0].value in _NAMES
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "entity_of"


def test_copies_of_fields_go_through_one_function() -> None:
    # `values_of` and `copied`. Tests of the groups require a decision about each new field: test_copied_fields.py.
    others = (path for path in CODE if path != LAYER / "core/model.py")
    found = {_place(path, node) for path in others for node in ast.walk(CODE[path]) if _copies_fields(node)}
    assert found == set()


def _copies_fields(node: ast.AST) -> TypeGuard[ast.expr]:
    """`{name: getattr(thing, name) for name in names}`."""
    if not (isinstance(node, ast.DictComp) and isinstance(node.value, ast.Call)):
        return False
    read = node.value
    filtered = any(loop.ifs for loop in node.generators)
    return not filtered and ast.unparse(read.func) == "getattr" and ast.unparse(read.args[1]) == ast.unparse(node.key)


def test_a_public_class_name_is_declared_once() -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, module in CODE.items():
        for name in _types(module):
            if not name.startswith("_"):
                found[name].append(str(path.relative_to(ROOT)))
    assert {name for name, places in found.items() if len(places) > 1} == HOMONYMS


def _types(module: ast.Module) -> Iterator[str]:
    """The classes of a module, and the other names of types."""
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.TypeAlias):
            yield node.name.id
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            yield from (name for name in names if name[0].isupper() and not name.isupper())


def _place(path: Path, node: ast.expr) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"
