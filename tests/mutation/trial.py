"""Runs the tests of a module against mutants, in processes that are forked after everything else was loaded.

All tests run once without a mutant, which shows the lines that each one runs. A trial then runs those of its module's
tests that run a changed line: first those that have noticed other mutants of the module, then the fastest.

Where only functions differ, the tests are loaded once, and each mutant gets a process in which the code of the loaded
functions is replaced: everything that has imported them then runs the changed code. Otherwise the changed module is
loaded in a process that has not loaded it before, and all of the module's tests run.

The limit of a trial is processor time, so that no mutant counts as killed because the machine was busy.
"""

import functools
import gc
import importlib.abc
import importlib.util
import json
import math
import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, settings

from tests.mutation.calls import Calls, functions_of
from tests.mutation.codes import Place, changed_functions, changed_lines
from tests.mutation.mutants import Mutant
from tests.mutation.targets import TARGETS

_ARGUMENTS = ("-n", "0", "-x", "-p", "no:cacheprovider", "--tb=no")
_LEAST_SECONDS, _TIMES_AS_LONG = 20.0, 10.0
_ASLEEP = 20.0
"""How many times its processor time a trial may take: one that takes longer waits for something that never comes."""
_UNCHANGED_FAILS = 70
_THREADS = Path("/proc/self/task")


class Verdict(StrEnum):
    """The result of a trial."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


class Result(NamedTuple):
    """The verdict about a mutant, and the test that noticed it."""

    verdict: Verdict
    test: str = ""


Report = Callable[[Mutant, Result], None]


def try_all(mutants: Iterable[Mutant], report: Report, seed: int) -> None:
    """Try mutants. `report` gets each result in this process."""
    in_functions: list[tuple[Mutant, Mapping[Place, CodeType]]] = []
    at_import: list[Mutant] = []
    for mutant in mutants:
        changed = changed_functions(mutant.path.read_text(), mutant.source())
        if changed is None:
            at_import.append(mutant)
        else:
            in_functions.append((mutant, changed))
    modules = sorted({mutant.module for mutant in (*at_import, *(mutant for mutant, _ in in_functions))})
    calls = _in_loaded_process(modules, in_functions, report, seed)
    trials = _Trials(calls)
    for mutant in at_import:
        report(mutant, trials.result(mutant, None, functools.partial(_load, mutant)))


class _Trials:
    """Trials that use the calls of the tests and the results of the trials before."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._noticed: defaultdict[str, list[str]] = defaultdict(list)

    def result(self, mutant: Mutant, lines: set[int] | None, change: Callable[[], None]) -> Result:
        """Run the tests of a module that run these lines, in a process in which `change` brings in the mutant."""
        places = None if lines is None else {(mutant.module, line) for line in lines}
        tests = self._calls.tests_of(TARGETS[mutant.module], places)
        if not tests:
            return Result(Verdict.SURVIVED)
        noticed = self._noticed[mutant.module]
        tests.sort(key=lambda test: noticed.index(test) if test in noticed else len(noticed))
        result = _tried(change, tests, sum(self._calls.seconds[test] for test in tests))
        if result.test:
            noticed[:] = [result.test, *(test for test in noticed if test != result.test)]
        return result


def _in_loaded_process(
    modules: Sequence[str], mutants: Sequence[tuple[Mutant, Mapping[Place, CodeType]]], report: Report, seed: int
) -> Calls:
    """Load the tests in one process, and run them in forks of it: without a mutant, and with each. Returns the calls.

    The process runs no test, because a library that prints PDFs starts threads, which a fork would wait for.
    """
    reading, writing = os.pipe()

    def serve() -> int:
        files = sorted({file for module in modules for file in TARGETS[module]})
        if pytest.main([*_ARGUMENTS, "--collect-only", *files], [_FirstExample()]) != 0:
            return _UNCHANGED_FAILS
        for name in modules:
            import_module(name)
        if len(list(_THREADS.iterdir())) > 1:
            raise RuntimeError("a fork would wait for the threads that loading the tests has started")
        calls = _recorded(Calls(modules, seed), files)
        os.write(writing, json.dumps(calls.seconds).encode() + b"\n")
        functions, trials = functions_of(modules), _Trials(calls)
        _require_loaded(functions, mutants)
        gc.collect()
        gc.freeze()
        for mutant, changed in mutants:
            lines = changed_lines(mutant.path.read_text(), mutant.source())
            replace = functools.partial(_replace, mutant.module, functions, changed)
            os.write(writing, json.dumps(trials.result(mutant, lines, replace)).encode() + b"\n")
        return 0

    server = _forked(serve)
    os.close(writing)
    calls = Calls(modules, seed)
    with os.fdopen(reading) as lines:
        calls.seconds = json.loads(lines.readline() or "{}")
        for mutant, _ in mutants if calls.seconds else ():
            line = lines.readline()
            if not line:
                break
            verdict, test = json.loads(line)
            report(mutant, Result(Verdict(verdict), test))
    if os.waitstatus_to_exitcode(os.waitpid(server, 0)[1]) != 0:
        raise RuntimeError("the tests fail without a mutant")
    return calls


def _require_loaded(
    functions: Iterable[FunctionType], mutants: Iterable[tuple[Mutant, Mapping[Place, CodeType]]]
) -> None:
    """Require each changed function to be loaded: a mutant that changes none would survive."""
    loaded = {(found.__module__, _place(found.__code__)) for found in functions}
    lacking = {mutant.name for mutant, changed in mutants for place in changed if (mutant.module, place) not in loaded}
    if lacking:
        raise RuntimeError(f"no loaded function has the code of {sorted(lacking)}")


def _place(code: CodeType) -> Place:
    return Place(code.co_qualname, code.co_firstlineno)


def _recorded(calls: Calls, files: Sequence[str]) -> Calls:
    """The calls of the tests without a mutant."""
    reading, writing = os.pipe()

    def record() -> int:
        code = int(pytest.main([*_ARGUMENTS, *files], [calls]))
        with os.fdopen(writing, "wb") as file:
            pickle.dump((calls.seconds, calls.lines), file)
        return code

    child = _forked(record)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        calls.seconds, calls.lines = pickle.load(file)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise RuntimeError("the tests fail without a mutant")
    return calls


class _FirstExample:
    """A plugin of pytest: random tests report the first example that fails as it is, which kills as a smaller one."""

    def pytest_configure(self) -> None:
        """Change the profile that the tests are about to take."""
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("first example", settings(), phases=phases, database=None)
        settings.load_profile("first example")


def _replace(module: str, functions: Sequence[FunctionType], changed: Mapping[Place, CodeType]) -> None:
    """Replace the code of loaded functions."""
    for found in functions:
        place = _place(found.__code__)
        if found.__module__ == module and place in changed:
            found.__code__ = changed[place]
    for cached in gc.get_objects():
        if isinstance(cached, functools._lru_cache_wrapper) and str(cached.__module__).startswith("invoicing."):
            cached.cache_clear()


def _load(mutant: Mutant) -> None:
    """Let the changed source of a module be loaded in place of its file."""
    sys.meta_path.insert(0, _Finder(mutant))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: object, target: object = None) -> Any:
        """The changed module; None for all others."""
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(self._mutant.path))

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self._mutant.source(), str(self._mutant.path), "exec"), module.__dict__)


class _Selection:
    """A plugin of pytest: runs the named tests in their order, and writes the name of the first that fails."""

    def __init__(self, tests: Sequence[str], writing: int) -> None:
        self._order = {test: place for place, test in enumerate(tests)}
        self._writing = writing

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Select and order."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order), key=lambda item: self._order[item.nodeid]
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the name of a test that fails."""
        if report.failed:
            os.write(self._writing, report.nodeid.encode() + b"\n")


def _tried(change: Callable[[], None], tests: Sequence[str], seconds: float) -> Result:
    """Run tests with a mutant in a process of its own, for a multiple of their usual processor time at most."""
    reading, writing = os.pipe()
    limit = max(_LEAST_SECONDS, _TIMES_AS_LONG * seconds)

    def limited() -> int:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), resource.RLIM_INFINITY))
        change()
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        return int(pytest.main([*_ARGUMENTS, *files], [_FirstExample(), _Selection(tests, writing)]))

    child = _forked(limited)
    os.close(writing)
    code = _ended(child, _ASLEEP * limit)
    with os.fdopen(reading) as lines:
        test = lines.readline().strip()
    if code in (_UNCHANGED_FAILS, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError("the trial could not be made")
    if code is None or code == -signal.SIGXCPU:
        return Result(Verdict.TIMED_OUT)
    return Result(Verdict.SURVIVED) if code == 0 else Result(Verdict.KILLED, test)


def _forked(run: Callable[[], int]) -> int:
    """Run something in a process of its own, without output but errors. Returns its id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = _UNCHANGED_FAILS
    try:
        os.setpgid(0, 0)
        nowhere, errors = os.open(os.devnull, os.O_RDWR), os.dup(2)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        code = run()
    except Exception:  # noqa: BLE001 — printed, since nothing else reads it in this process
        os.write(errors, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _ended(child: int, seconds: float) -> int | None:
    """The exit code of a process, which is killed after these seconds (None)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None
