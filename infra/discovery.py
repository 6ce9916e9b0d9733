"""Finds the functions: every file under `functions/` is a Lambda, and declares itself."""

import importlib.util
import re
import sys
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from invoicing.consumers.consumer import Consumer
from invoicing.consumers.schedule import Schedule
from invoicing.consumers.table_stream import TableStream
from invoicing.http.authorizer import Authorizer
from invoicing.http.declaration import Endpoint

ROOT = Path(__file__).resolve().parent.parent
AnyDeclaration = Endpoint | Consumer | TableStream | Schedule | Authorizer


class InvalidDeclaration(Exception):
    """A file under `functions/` that cannot become a Lambda. The message names the file and the reason."""


@dataclass(frozen=True)
class DeclaredFunction:
    """One Lambda: its name (operation id, log group, trace), its file, and its declaration."""

    name: str
    file: Path
    declaration: AnyDeclaration

    @property
    def module(self) -> str:
        """The module as Lambda imports it."""
        return ".".join(self.file.with_suffix("").parts)


def discover(root: Path = ROOT) -> tuple[DeclaredFunction, ...]:
    """All functions, sorted by name."""
    return _discovered(root)


@cache
def _discovered(root: Path) -> tuple[DeclaredFunction, ...]:
    files = sorted(path for path in (root / "functions").rglob("*.py") if not path.name.startswith("_"))
    found = tuple(sorted((_declared(root, path) for path in files), key=lambda one: one.name))
    _require_distinct(found)
    return found


def deployed(
    root: Path = ROOT, *, embedded: bool = False, opted_in: Container[str] = ()
) -> tuple[DeclaredFunction, ...]:
    """The functions of a stack. Those for tests are in the embedded stack only; optional ones need their setting."""
    return tuple(
        one
        for one in discover(root)
        if (embedded or not one.declaration.embedded)
        and (one.declaration.opt_in is None or one.declaration.opt_in in opted_in)
    )


def endpoints(root: Path = ROOT) -> list[tuple[DeclaredFunction, Endpoint]]:
    """The functions with a route, sorted by path and method."""
    return routes(discover(root))


def routes(found: Iterable[DeclaredFunction]) -> list[tuple[DeclaredFunction, Endpoint]]:
    """Those of some functions that have a route, sorted by path and method."""
    pairs = [(one, one.declaration) for one in found if isinstance(one.declaration, Endpoint)]
    return sorted(pairs, key=lambda pair: (pair[1].path, pair[1].method))


def _declared(root: Path, path: Path) -> DeclaredFunction:
    file = path.relative_to(root)
    name = ".".join(file.with_suffix("").parts)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InvalidDeclaration(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    if root == ROOT:
        sys.modules[name] = module
    spec.loader.exec_module(module)
    declaration = getattr(module, "handler", None)
    if not isinstance(declaration, AnyDeclaration):
        raise InvalidDeclaration(f"{file} has no declared handler")
    return DeclaredFunction(path.stem, file, declaration)


def _require_distinct(found: tuple[DeclaredFunction, ...]) -> None:
    files: dict[str, Path] = {}
    routes: dict[tuple[str, str], Path] = {}
    variables: dict[str, tuple[str, Path]] = {}
    for one in found:
        if one.name in files:
            raise InvalidDeclaration(f"{one.file} and {files[one.name]} have the same name")
        files[one.name] = one.file
        if not isinstance(one.declaration, Endpoint):
            continue
        route = one.declaration.method, one.declaration.path
        if route in routes:
            raise InvalidDeclaration(f"{one.file} and {routes[route]} both have the route {' '.join(route)}")
        routes[route] = one.file
        # API Gateway refuses /a/{x} beside /a/{y}.
        for match in re.finditer(r"\{(\w+)\}", one.declaration.path):
            before = re.sub(r"\{\w+\}", "{}", one.declaration.path[: match.start()])
            known = variables.setdefault(before, (match.group(1), one.file))
            if known[0] != match.group(1):
                raise InvalidDeclaration(f"{one.file} says {match.group()} where {known[1]} says {{{known[0]}}}")
