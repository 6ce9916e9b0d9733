"""Mutants: which of their code is replaced in loaded functions, and which modules are mutated by which tests."""

import json
from pathlib import Path

from infra.discovery import ROOT
from tests.mutation.codes import Place, changed_functions
from tests.mutation.mutants import Mutant
from tests.mutation.targets import LAYER, TARGETS

SOURCE = """
LIMIT = 3

class Line:
    size = 2

    def total(self, count, rate=1):
        return [one * rate for one in range(count)]

def first(value):
    return value + 1
"""


def test_a_changed_function_can_be_replaced() -> None:
    changed = changed_functions(SOURCE, SOURCE.replace("value + 1", "value - 1"))
    assert changed is not None
    assert list(changed) == [Place("first", 10)]
    names: dict[str, object] = {}
    exec(SOURCE, names)
    first = names["first"]
    assert first(3) == 4  # type: ignore[operator]
    first.__code__ = changed[Place("first", 10)]  # type: ignore[attr-defined]
    assert first(3) == 2  # type: ignore[operator]


def test_a_changed_method_or_comprehension_is_found() -> None:
    changed = changed_functions(SOURCE, SOURCE.replace("one * rate", "one / rate"))
    assert changed is not None
    assert list(changed) == [Place("Line.total", 7)]


def test_code_that_runs_at_import_cannot_be_replaced() -> None:
    for old, new in (("LIMIT = 3", "LIMIT = 4"), ("size = 2", "size = 3"), ("rate=1", "rate=2")):
        assert changed_functions(SOURCE, SOURCE.replace(old, new)) is None


def test_unchanged_code_has_no_changed_functions() -> None:
    assert changed_functions(SOURCE, SOURCE) == {}


def test_mutated_modules_and_their_tests_exist() -> None:
    assert len(TARGETS) >= 20
    modules = [ROOT / LAYER / Path(*module.split(".")).with_suffix(".py") for module in TARGETS]
    tests = [ROOT / path for paths in TARGETS.values() for path in paths]
    assert [path for path in (*modules, *tests) if not path.exists()] == []


def test_each_explained_survivor_changes_a_line_of_its_module() -> None:
    for change in json.loads(Path("tests/mutation/survivors.json").read_text(encoding="utf-8")):
        module, _, lines = change.partition(": ")
        source = Mutant(module, "", 0).path.read_text(encoding="utf-8")
        assert lines.partition(" → ")[0] in map(str.strip, source.splitlines()), change
