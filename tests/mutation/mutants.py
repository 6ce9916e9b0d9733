"""Mutants of a module: its source with one small change, made by the operators of Cosmic Ray."""

import ast
import difflib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tests.mutation.targets import LAYER

_BINARY = {"Add": ("Sub",), "Sub": ("Add",), "Mul": ("Div",), "Div": ("Mul",), "FloorDiv": ("Mul",), "Mod": ("Mul",)}
_COMPARISON = {
    "Eq": ("NotEq",),
    "NotEq": ("Eq",),
    "Lt": ("LtE", "GtE"),
    "LtE": ("Lt", "Gt"),
    "Gt": ("GtE", "LtE"),
    "GtE": ("Gt", "Lt"),
    "Is": ("IsNot",),
    "IsNot": ("Is",),
}
OPERATORS = (
    "core/AddNot",
    "core/NumberReplacer",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/ReplaceUnaryOperator_Delete_USub",
    "core/ZeroIterationForLoop",
    *(f"core/ReplaceBinaryOperator_{old}_{new}" for old, others in _BINARY.items() for new in others),
    *(f"core/ReplaceComparisonOperator_{old}_{new}" for old, others in _COMPARISON.items() for new in others),
)
"""The operators. Without those whose mutants nearly any test notices, such as `+` that becomes `<<`."""


class Mutant(NamedTuple):
    """One change of one module: the occurrence of an operator."""

    module: str
    operator: str
    occurrence: int

    @property
    def name(self) -> str:
        """The name by which the program repeats a mutant."""
        return f"{self.module}:{self.operator.removeprefix('core/')}:{self.occurrence}"

    @property
    def path(self) -> Path:
        """The file of the module."""
        return LAYER / Path(*self.module.split(".")).with_suffix(".py")

    def source(self) -> str:
        """The changed source."""
        changed: str = _library("mutating").mutate_code(
            self.path.read_text(), _operator(self.operator), self.occurrence
        )
        return changed

    @property
    def change(self) -> str:
        """The changed lines, by which a survivor is explained: numbers of occurrences move with other changes."""
        sides = (" ".join(line[1:].strip() for line in self.difference() if line[0] == sign) for sign in "-+")
        return f"{self.module}: {' → '.join(sides)}"

    def difference(self) -> list[str]:
        """The removed and the added lines."""
        before, after = self.path.read_text().splitlines(), self.source().splitlines()
        lines = difflib.unified_diff(before, after, lineterm="", n=0)
        return [line for line in lines if line[0] in "+-" and line[:3] not in {"+++", "---"}]


def _library(module: str) -> Any:
    return import_module(f"cosmic_ray.{module}")


def _operator(name: str) -> Any:
    return _library("plugins").get_operator(name)()


def mutants_of(module: str) -> Iterator[Mutant]:
    """All mutants of a module. Some of them change annotations only: see `differs`."""
    tree = _library("ast").get_ast(Mutant(module, "", 0).path.read_text())
    for name in OPERATORS:
        operator = _operator(name)
        count = sum(len(list(operator.mutation_positions(node))) for node in _library("ast").ast_nodes(tree))
        yield from (Mutant(module, name, occurrence) for occurrence in range(count))


def differs(mutant: Mutant) -> bool:
    """Whether a mutant changes more than annotations, docstrings and imports for type checkers."""
    try:
        return _behavior(mutant.source()) != _behavior(mutant.path.read_text())
    except SyntaxError:
        return False


def _behavior(source: str) -> str:
    """The syntax tree without annotations, which only readers and type checkers use in functions, and docstrings."""
    return ast.dump(_Stripped().visit(ast.parse(source)))


class _Stripped(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        node.type_params = []
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        # Not which arguments are named in calls.
        node.args, node.posonlyargs, node.kwonlyargs = [*node.posonlyargs, *node.args, *node.kwonlyargs], [], []
        node.defaults, node.kw_defaults = [*node.defaults, *filter(None, node.kw_defaults)], []
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return ast.Pass() if isinstance(node.value, ast.Constant) else node

    def visit_If(self, node: ast.If) -> ast.AST:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return ast.Pass()
        self.generic_visit(node)
        return node
