"""The lines of the mutated modules that each test runs, recorded once without a mutant.

A line that runs because of a fixture of several tests counts for each of them. Values that are cached or computed at
import count for the first test only: so a mutant may survive for want of a test here, but none is killed by mistake.
"""

import gc
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from types import CodeType, FunctionType
from typing import Any

import pytest

Line = tuple[str, int]
"""The module and the number."""
_TOOL = sys.monitoring.PROFILER_ID
_EVERY_FILE = ""


def functions_of(modules: Iterable[str]) -> list[FunctionType]:
    """The loaded functions of modules."""
    wanted = set(modules)
    return [found for found in gc.get_objects() if isinstance(found, FunctionType) and found.__module__ in wanted]


class Calls:
    """A plugin of pytest: records the lines and the time of each test, in an order that no test may depend on."""

    def __init__(self, modules: Iterable[str], seed: int) -> None:
        self.modules = list(modules)
        self._random = random.Random(seed)
        self.lines: dict[str, set[Line]] = {}
        self._now = self.lines.setdefault(_EVERY_FILE, set())
        self._watched: list[CodeType] = []
        self.seconds: dict[str, float] = {}

    def tests_of(self, files: Sequence[str], lines: set[Line] | None) -> list[str]:
        """The tests in files or folders that run one of these lines (None: all tests), the fastest first."""
        of_files = (test for test in self.seconds if test.startswith(tuple(files)))
        found = (test for test in of_files if lines is None or self._runs(test, lines))
        return sorted(found, key=lambda test: self.seconds[test])

    def _runs(self, test: str, lines: set[Line]) -> bool:
        return any(lines & self.lines.get(key, set()) for key in (test, _file(test), _EVERY_FILE))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Shuffle the files, and the tests of each file."""
        by_file: defaultdict[str, list[pytest.Item]] = defaultdict(list)
        for item in items:
            by_file[_file(item.nodeid)].append(item)
        files = list(by_file.values())
        for tests in (files, *files):
            self._random.shuffle(tests)  # type: ignore[arg-type]
        items[:] = [item for tests in files for item in tests]

    def pytest_collection_finish(self) -> None:
        """Watch the functions, once everything is loaded."""
        modules = {import_module(name).__file__: name for name in self.modules}

        def ran(code: CodeType, line: int) -> Any:
            self._now.add((modules[code.co_filename], line))
            return sys.monitoring.DISABLE

        sys.monitoring.use_tool_id(_TOOL, __name__)
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, ran)
        codes = (code for function in functions_of(self.modules) for code in _codes(function.__code__))
        self._watched = [code for code in codes if code.co_filename in modules]
        for code in self._watched:
            sys.monitoring.set_local_events(_TOOL, code, sys.monitoring.events.LINE)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Record one test."""
        started = time.process_time()
        self._record(item.nodeid)
        result = yield
        self.seconds[item.nodeid] = time.process_time() - started
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        """Record a fixture of several tests for all of them."""
        shared = {"function": None, "class": _file, "module": _file}.get(fixturedef.scope, lambda _: _EVERY_FILE)
        before = self._now
        if shared:
            self._record(shared(request.node.nodeid))
        result = yield
        self._continue(before)
        return result

    def pytest_unconfigure(self) -> None:
        """Watch no longer."""
        for code in self._watched:
            sys.monitoring.set_local_events(_TOOL, code, sys.monitoring.events.NO_EVENTS)
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.LINE, None)
        sys.monitoring.free_tool_id(_TOOL)

    def _record(self, key: str) -> None:
        self._continue(self.lines.setdefault(key, set()))

    def _continue(self, lines: set[Line]) -> None:
        if lines is not self._now:
            self._now = lines
            sys.monitoring.restart_events()


def _file(test: str) -> str:
    return test.partition("::")[0]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)
