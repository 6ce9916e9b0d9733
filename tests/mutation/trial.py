"""Runs the tests of a module against mutants, in processes that are forked after everything else was loaded.

Where only functions differ, the tests are loaded once, and each mutant gets a process in which the code of the loaded
functions is replaced: everything that has imported them then runs the changed code. Otherwise the changed module is
loaded in a process that has not loaded it before.

The limit of a trial is processor time, so that no mutant counts as killed because the machine was busy.
"""

import functools
import gc
import importlib.abc
import importlib.util
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests.mutation.codes import Place, changed_functions
from tests.mutation.mutants import Mutant
from tests.mutation.targets import TARGETS

_ARGUMENTS = ("-n", "0", "-x", "-p", "no:cacheprovider", "--tb=no")
_LEAST_SECONDS, _TIMES_AS_LONG = 60.0, 10.0
_ASLEEP = 20.0
"""How many times its processor time a trial may take: one that takes longer waits for something that never comes."""
_UNCHANGED_FAILS = 70


class Verdict(StrEnum):
    """The result of a trial."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


Report = Callable[[Mutant, Verdict], None]


def try_all(module: str, mutants: Sequence[Mutant], report: Report) -> None:
    """Try mutants of one module. `report` gets each verdict in this process."""
    in_functions: list[tuple[Mutant, Mapping[Place, CodeType]]] = []
    at_import: list[Mutant] = []
    for mutant in mutants:
        changed = changed_functions(mutant.path.read_text(), mutant.source())
        if changed is None:
            at_import.append(mutant)
        else:
            in_functions.append((mutant, changed))
    seconds = _in_loaded_process(module, in_functions, report)
    for mutant in at_import:
        report(mutant, _tried(functools.partial(_with_module, mutant), _limit(seconds)))


def _in_loaded_process(
    module: str, mutants: Sequence[tuple[Mutant, Mapping[Place, CodeType]]], report: Report
) -> float:
    """Run the tests of a module without a mutant in one process, and with each mutant in a fork of it.

    Returns the processor time without a mutant.
    """
    reading, writing = os.pipe()

    def serve() -> int:
        if _tests(module) != 0:
            return _UNCHANGED_FAILS
        seconds = time.process_time()
        os.write(writing, f"{seconds}\n".encode())
        for _, changed in mutants:
            verdict = _tried(functools.partial(_with_functions, module, changed), _limit(seconds))
            os.write(writing, f"{verdict}\n".encode())
        return 0

    server = _forked(serve)
    os.close(writing)
    with os.fdopen(reading) as lines:
        seconds = lines.readline()
        for mutant, _ in mutants if seconds else ():
            report(mutant, Verdict(lines.readline().strip()))
    if os.waitstatus_to_exitcode(os.waitpid(server, 0)[1]) != 0:
        raise RuntimeError(f"the tests of {module} fail without a mutant")
    return float(seconds)


def _limit(seconds: float) -> float:
    """The processor time after which a mutant counts as a loop that never ends."""
    return max(_LEAST_SECONDS, _TIMES_AS_LONG * seconds)


def _tests(module: str) -> int:
    return int(pytest.main([*_ARGUMENTS, *TARGETS[module]]))


def _with_functions(module: str, changed: Mapping[Place, CodeType]) -> int:
    """Run the tests of a module after the code of its loaded functions was replaced."""
    for found in gc.get_objects():
        if isinstance(found, FunctionType) and found.__module__ == module:
            place = Place(found.__code__.co_qualname, found.__code__.co_firstlineno)
            if place in changed:
                found.__code__ = changed[place]
    for cached in gc.get_objects():
        if isinstance(cached, functools._lru_cache_wrapper) and str(cached.__module__).startswith("invoicing."):
            cached.cache_clear()
    return _tests(module)


def _with_module(mutant: Mutant) -> int:
    """Run the tests of a module whose changed source is loaded in place of its file."""
    sys.meta_path.insert(0, _Finder(mutant))
    return _tests(mutant.module)


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


def _tried(run: Callable[[], int], seconds: float) -> Verdict:
    """Run the tests with a mutant in a process of its own, for at most this processor time."""

    def limited() -> int:
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), resource.RLIM_INFINITY))
        return run()

    code = _ended(_forked(limited), _ASLEEP * seconds)
    if code is None or code == -signal.SIGXCPU:
        return Verdict.TIMED_OUT
    return Verdict.SURVIVED if code == 0 else Verdict.KILLED


def _forked(run: Callable[[], int]) -> int:
    """Run something in a process of its own, without output. Returns its id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = _UNCHANGED_FAILS
    try:
        os.setpgid(0, 0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        code = run()
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
