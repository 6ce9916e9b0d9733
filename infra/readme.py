"""The parts of the READMEs that are derived from the code. `uv run python -m infra.readme` writes them."""

import ast
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from pydantic import BaseModel

from infra.costs import table as costs
from infra.discovery import ROOT, AnyDeclaration, discover, endpoints
from infra.event_schemas import all_events
from infra.settings import Settings
from infra.tables import all_tables
from invoicing.consumers.consumer import Consumer
from invoicing.consumers.schedule import Schedule
from invoicing.consumers.table_stream import TableStream
from invoicing.http.authorizer import Authorizer
from invoicing.http.declaration import Endpoint
from invoicing.invoices.lifecycle import LIFECYCLE

ENDPOINTS = ROOT / "functions/README.md"
EVENTS = ROOT / "functions/events/README.md"
OPERATIONS = ROOT / "infra/README.md"
LAYER = ROOT / "layers/invoicing/python"
LAYERS = ROOT / "layers/README.md"
STORE = LAYER / "invoicing/store/README.md"
TESTS = ROOT / "tests/README.md"
FIGURES = ROOT / "tests/benchmarks/figures.json"
USAGE = ROOT / "tests/benchmarks/usage.json"
RACES = ROOT / "tests/e2e/races.json"
_MAIN_FUNCTIONS = (
    "create_invoice",
    "finalize_invoice",
    "render_document",
    "send_email",
    "get_invoice",
    "list_invoices",
    "record_payment",
    "credit_invoice",
)


def rows_of_endpoints() -> str:
    """Every endpoint: route, scope, summary."""
    lines = ["| Method and path | Scope | Does |", "|---|---|---|"]
    for found, declared in endpoints():
        route = f"[{declared.method} `{declared.path}`]({_link(found.file, ENDPOINTS)})"
        lines.append(f"| {route} | {declared.scope or 'none'} | {first_line(declared.handle)} |")
    return "\n".join(lines)


def rows_of_functions() -> str:
    """Every function that no client calls, and its trigger."""
    lines = ["| Function | Started by | Does |", "|---|---|---|"]
    for found in discover():
        if isinstance(found.declaration, Endpoint):
            continue
        starter, handle = _starter(found.declaration)
        lines.append(f"| [{found.name}]({_link(found.file, EVENTS)}) | {starter} | {first_line(handle)} |")
    return "\n".join(lines)


def _starter(declaration: AnyDeclaration) -> tuple[str, Callable[..., object]]:
    """The trigger of a function, and its summary."""
    match declaration:
        case Consumer(source=source, handle=handle):
            return source.description, handle
        case Schedule(expression=expression, handle=handle):
            return f"`{expression}`", handle
        case Authorizer(identify=handle):
            return "the gateway, for each new credential", handle
        case TableStream(handle=handle):
            return "the table's stream", handle
    raise AssertionError(f"{declaration} is started by nothing that is known")


def rows_of_events() -> str:
    """Every event on the bus."""
    lines = ["| Event | Keys in the timeline | Meaning |", "|---|---|---|"]
    for event in all_events():
        keys = dict.fromkeys(kind.action_key for kind in (event, *event.__subclasses__()))
        lines.append(f"| `{event.name}` | {', '.join(keys)} | {first_line(event)} |")
    return "\n".join(lines)


def rows_of_tables() -> str:
    """Every kind of resource and the place of its items, from the docstrings of the nouns' tables."""
    lines = ["| Resource | Items |", "|---|---|"]
    for table in all_tables():
        file = LAYER / Path(*type(table).__module__.split(".")).with_suffix(".py")
        lines.append(f"| [{table.kind.__name__}]({_link(file.relative_to(ROOT), STORE)}) | {first_line(type(table))} |")
    return "\n".join(lines)


def rows_of_folders() -> str:
    """Every folder of the layer: a noun, or a part that all nouns use."""
    lines = ["| Folder | Contains |", "|---|---|"]
    for file in sorted((LAYER / "invoicing").glob("*/__init__.py")):
        text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
        if not text:
            raise ValueError(f"{file.parent.name}/__init__.py has no docstring that describes the folder")
        lines.append(f"| [{file.parent.name}]({_link(file.parent, LAYERS)}) | {text} |")
    return "\n".join(lines)


def lifecycle() -> str:
    """The life of an invoice as a diagram, without the actions that keep the state."""
    moves: dict[tuple[str, str], list[str]] = defaultdict(list)
    for action, leads in LIFECYCLE["invoice"].items():
        for state, targets in leads.items():
            for target in targets:
                if target is not state:
                    moves[state, target].append(action.replace("_", " "))
    edges = [f"    {state} --> {target}: {', '.join(actions)}" for (state, target), actions in moves.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> draft", *edges, "```"])


def rows_of_settings() -> str:
    """Every setting of a stage."""
    lines = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, BaseModel):
            inner = type(field.default).model_fields.items()
            lines += [f"| `{name}.{each}` | {_default(of.default)} | {of.description} |" for each, of in inner]
        elif name != "stage":
            lines.append(f"| `{name}` | {_default(field.default)} | {field.description} |")
    return "\n".join(lines)


def rows_of_benchmarks() -> str:
    """The figures of the benchmarks, as their program saved them."""
    lines = ["| Figure | Ours | Compared with | Ratio | Measured |", "|---|---|---|---:|---|"]
    for section in json.loads(FIGURES.read_text(encoding="utf-8")).values():
        lines += [f"| {' | '.join(figure)} | {section['measured']} |" for figure in section["figures"]]
    return "\n".join(lines)


def rows_of_usage() -> str:
    """The AWS calls and capacity units of the main functions."""
    lines = ["| Function | AWS calls | Write units | Read units |", "|---|---:|---:|---:|"]
    usages = json.loads(USAGE.read_text(encoding="utf-8"))
    for name in _MAIN_FUNCTIONS:
        used = usages[name]
        lines.append(f"| `{name}` | {sum(used['calls'].values())} | {used['writes']} | {used['reads']:g} |")
    return "\n".join(lines)


def rows_of_races() -> str:
    """How long the calls of concurrent clients took, as the tests saved it."""
    lines = ["| Race | Ten at once: p50 | p99 | All at once: p50 | p99 |", "|---|---:|---:|---:|---:|"]
    races = json.loads(RACES.read_text(encoding="utf-8"))
    for name, ten in races.items():
        if all_of_them := races.get(f"{name}, all at once"):
            lines.append(f"| {name} | " + " | ".join(f"{value:,} ms" for value in (*ten, *all_of_them)) + " |")
    return "\n".join(lines)


def _default(value: object) -> str:
    match value:
        case bool():
            return "`true`" if value else "`false`"
        case Enum():
            return f"`{value.value}`"
        case int() | float():
            return f"`{value}`"
        case str() if value:
            return f"`{value}`"
        case tuple() if value:
            return ", ".join(f"`{one}`" for one in value)
    return "none"


SECTIONS: Mapping[Path, Mapping[str, Callable[[], str]]] = {
    ENDPOINTS: {"endpoints": rows_of_endpoints, "lifecycle": lifecycle},
    EVENTS: {"functions": rows_of_functions, "events": rows_of_events},
    OPERATIONS: {"settings": rows_of_settings, "costs": costs},
    LAYERS: {"folders": rows_of_folders},
    STORE: {"tables": rows_of_tables},
    TESTS: {"benchmarks": rows_of_benchmarks, "usage": rows_of_usage, "races": rows_of_races},
}
"""The derived parts of each README, by the name of their place in it."""


def renewed(text: str, sections: Mapping[str, Callable[[], str]]) -> str:
    """A README with each of its derived parts up to date."""
    for name, section in sections.items():
        parts = re.split(rf"(<!-- /?{name} -->)", text)
        if len(parts) != 5:
            raise ValueError(f"The README has no one place for {name}")
        parts[2] = f"\n{section()}\n"
        text = "".join(parts)
    return text


def _link(file: Path, readme: Path) -> str:
    return Path(os.path.relpath(ROOT / file, readme.parent)).as_posix()


def first_line(documented: object) -> str:
    """The first line of an object's docstring."""
    return (documented.__doc__ or "").strip().split("\n", 1)[0]


def main() -> None:
    """Write the derived parts into the READMEs."""
    for readme, sections in SECTIONS.items():
        readme.write_text(renewed(readme.read_text(), sections))


if __name__ == "__main__":
    main()
