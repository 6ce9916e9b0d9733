"""Each refusal by a rule of EN 16931 names the rule and the business term, beside the pointer to the field."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import invoicing

PACKAGE = Path(invoicing.__file__).parent
TERM = re.compile(r"B[TG]-|\bterms?\b")
"""A business term or group in a message, or a variable that holds one."""
RULE = re.compile(r"\b(BR-[A-Z0-9]|PEPPOL-EN16931-)")


ABOUT_TERMS = (
    "invoices/drafts/model.py", "invoices/drafts/references.py", "payments/model.py", "pricing/allowances.py",
    "pricing/line.py", "pricing/payable.py", "pricing/tax.py", "pricing/totals.py",
)  # fmt: skip
"""The files in which each refusal is about a value that documents state."""
MESSAGE = {"Invalid": 0, "PydanticCustomError": 1}
"""The place of the message among the arguments of an error."""


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Each function of the layer, with its place."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{file.relative_to(PACKAGE)}:{node.name}", node


def texts(node: ast.expr, function: ast.FunctionDef) -> list[str]:
    """The source of a message: of a variable, that of each value or row that its function assigns to it."""
    if not isinstance(node, ast.Name):
        return [ast.unparse(node)]
    found = []
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and node.id in {ast.unparse(target) for target in one.targets}:
            found.append(ast.unparse(one.value))
        elif isinstance(one, ast.For) and isinstance(one.iter, ast.Tuple):
            names = {name.id for name in ast.walk(one.target) if isinstance(name, ast.Name)}
            found += [ast.unparse(row) for row in one.iter.elts if node.id in names]
    return found


def test_each_broken_rule_is_reported_with_its_business_term() -> None:
    checked, unnamed = 0, []
    for place, function in functions():
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("lacks", "wrong", "_lacking"):
                messages = texts(call.args[2], function)
                checked += 1
                if not messages or not all(map(TERM.search, messages)):
                    unnamed.append((place, ast.unparse(call)))
    assert unnamed == []
    assert checked > 100


def test_a_message_with_a_rule_names_its_business_term() -> None:
    messages = []
    for place, function in functions():
        texts_of_docs = {id(node.value) for node in ast.walk(function) if isinstance(node, ast.Expr)}
        for node in ast.walk(function):
            message = isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in texts_of_docs
            if message and RULE.search(text := ast.unparse(node)) and " " in text:
                messages.append((place, text))
    assert [one for one in messages if not TERM.search(one[1])] == []
    assert len(messages) > 10


def test_an_error_that_is_a_rule_names_its_business_term() -> None:
    checked = 0
    for file in sorted(PACKAGE.rglob("errors.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            codes = {ast.unparse(one.value) for one in getattr(node, "body", ()) if isinstance(one, ast.Assign)}
            if isinstance(node, ast.ClassDef) and any(map(RULE.search, codes)):
                checked += 1
                title = (ast.get_docstring(node) or "").partition("\n")[0]
                assert TERM.search(title), (node.name, title)
    assert checked == 3


def test_a_value_that_is_refused_is_named_by_its_business_term() -> None:
    checked, unnamed = 0, []
    for place, function in functions():
        for call in ast.walk(function) if place.partition(":")[0] in ABOUT_TERMS else ():
            if isinstance(call, ast.Call) and (name := ast.unparse(call.func)) in MESSAGE:
                checked += 1
                message = call.args[MESSAGE[name]]
                if not all(map(TERM.search, texts(message, function))):
                    unnamed.append((place, ast.unparse(message)))
    assert unnamed == []
    assert checked > 20
