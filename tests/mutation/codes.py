"""The functions whose code a mutant changes, and the lines of the changed statements."""

import ast
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import NamedTuple

_IS_A_FUNCTION = 0x1
"""The flag of code with fast local variables, which modules and class bodies do not have."""


_AROUND_GENERICS = "<generic parameters of "
"""The name of the code that makes the type parameters of a function or class, and runs at import."""


class Place(NamedTuple):
    """The place of a function in its file."""

    name: str
    line: int


def changed_functions(before: str, after: str) -> Mapping[Place, CodeType] | None:
    """The changed functions of a module; None if code that runs at import differs: constants, defaults, fields."""
    found = dict(_changed(compile(before, "module", "exec"), compile(after, "module", "exec")))
    return None if None in found.values() else {place: code for place, code in found.items() if code}


def changed_lines(before: str, after: str) -> set[int]:
    """The lines of the changed statements, without the statements in their bodies."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    changed = {number for number, (old, new) in enumerate(pairs, 1) if old != new}
    return {line for header in _headers(ast.parse(before)) if changed & set(header) for line in header}


def _headers(tree: ast.AST) -> Iterator[range]:
    """The lines of each statement, up to the first statement in its body."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            body = [one.lineno for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
            yield range(node.lineno, min(body) if body else (node.end_lineno or node.lineno) + 1)


def _changed(before: CodeType, after: CodeType) -> Iterator[tuple[Place, CodeType | None]]:
    if before.co_flags & _IS_A_FUNCTION and not before.co_name.startswith(_AROUND_GENERICS):
        if before != after:
            yield Place(before.co_qualname, before.co_firstlineno), after
        return
    if _own(before) != _own(after):
        yield Place(before.co_qualname, before.co_firstlineno), None
        return
    for inner, changed in zip(_inner(before), _inner(after), strict=True):
        yield from _changed(inner, changed)


def _own(code: CodeType) -> tuple[object, ...]:
    """The code of a module or class body without its functions."""
    constants = tuple(one.co_qualname if isinstance(one, CodeType) else (type(one), one) for one in code.co_consts)
    return code.co_code, code.co_names, constants, code.co_exceptiontable


def _inner(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]
