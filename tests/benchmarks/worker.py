"""Processes like a Lambda worker's: a bare interpreter that finds the function, its layers and the standard library."""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from uv import find_uv_bin

from infra.constructs import layer_build
from infra.constructs.environment import ALWAYS
from infra.constructs.layer_build import ROOT, Machine
from infra.discovery import DeclaredFunction
from tests.aws import ENVIRONMENT

_MACHINES: Final[dict[str, Machine]] = {"arm64": "aarch64", "aarch64": "aarch64", "x86_64": "x86_64"}
# Isolated from the environment and the user, without site-packages, writing no bytecode.
BARE = (sys.executable, "-I", "-S", "-B")
# The SDK of X-Ray creates this folder wherever it detects Lambda.
_LEFT_BY_XRAY = Path("/tmp/.aws-xray")
_FIRST_OF_1980 = datetime(1980, 1, 1, tzinfo=UTC).timestamp()
_WATCH = """
import importlib.machinery as machinery
compiled, real = [], machinery.SourceFileLoader.source_to_code
def noted(loader, data, path, **options):
    compiled.append(path)
    return real(loader, data, path, **options)
machinery.SourceFileLoader.source_to_code = noted
"""
_TELL = """
import json
files = sorted({str(one.__file__) for one in list(sys.modules.values()) if getattr(one, "__file__", None)})
print(json.dumps({"compiled": compiled, "files": files, "standard": [path for path in sys.path if path not in ours]}))
"""


@dataclass(frozen=True)
class Start:
    """The files that a worker loaded, and those that it had to compile."""

    files: tuple[Path, ...]
    compiled: tuple[Path, ...]
    foreign: tuple[Path, ...]
    """The files of neither the function, nor its layers, nor the standard library."""


@dataclass(frozen=True)
class Worker:
    """The inputs of a function from Lambda: its folder, its layers and an environment."""

    paths: tuple[Path, ...]
    environment: Mapping[str, str]

    def cpu_seconds(self, code: str) -> float:
        """The processor time of a fresh process for this code, which excludes other processes."""
        # Exits at once, because Lambda never tears down a worker's modules.
        program = [*BARE, "-c", f"{self._paths}\n{code}\nimport posix\nposix._exit(0)"]
        id_ = os.posix_spawn(program[0], program, self.environment)
        _, status, usage = os.wait4(id_, 0)
        if status != 0:
            raise RuntimeError(f"The worker failed: {code}")
        return usage.ru_utime + usage.ru_stime

    def start(self, module: str) -> Start:
        """Import a module as Lambda does, and return the loaded files."""
        told = self.told(f"{_WATCH}\nimport {module}\n{_TELL}")
        own = [*map(str, self.paths), *told["standard"]]
        files = tuple(map(Path, told["files"]))
        foreign = tuple(file for file in files if not any(file.is_relative_to(path) for path in own))
        return Start(files, tuple(map(Path, told["compiled"])), foreign)

    def told(self, code: str) -> Any:
        """Run this code in a fresh process. Returns its last line of output, read as JSON."""
        command = [*BARE, "-c", f"{self._paths}\n{code}"]
        done = subprocess.run(command, env=dict(self.environment), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    @property
    def _paths(self) -> str:
        return f"import sys\nours = {list(map(str, self.paths))!r}\nsys.path[:0] = ours"


def medians(measured: Mapping[str, tuple[Worker, str]], runs: int) -> dict[str, float]:
    """The median processor time of each, in seconds. They alternate, so that a loaded minute affects all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(runs):
        for name, (worker, code) in measured.items():
            seconds[name].append(worker.cpu_seconds(code))
    return {name: statistics.median(found) for name, found in seconds.items()}


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder for the functions' code and a worker's home."""
    was_there = _LEFT_BY_XRAY.exists()
    with tempfile.TemporaryDirectory(prefix="invoicing-benchmark-") as name:
        yield Path(name)
    if not was_there:
        shutil.rmtree(_LEFT_BY_XRAY, ignore_errors=True)


def worker_of(found: DeclaredFunction, within: Path) -> Worker:
    """The worker of a function: only its own file, its layers, its environment."""
    asset = within / found.name
    (asset / found.file.parent).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / found.file, asset / found.file)
    packages = ["dependencies", *found.declaration.layers]
    layers = [*(layer_build.packages(name, machine()) for name in packages), layer_build.own_code()]
    return Worker((asset, *(layer / "python" for layer in layers)), {**environment(within), **ALWAYS, **ENVIRONMENT})


def machine() -> Machine:
    """The architecture of this machine."""
    return _MACHINES[platform.machine()]


def environment(home: Path) -> dict[str, str]:
    """The variables that Lambda itself sets. Without them the usual packages behave differently."""
    return {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "LAMBDA_TASK_ROOT": "/var/task",
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/benchmark",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_SESSION_TOKEN": "benchmark",
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        "POWERTOOLS_SERVICE_NAME": "invoicing",
        "POWERTOOLS_METRICS_NAMESPACE": "Invoicing",
    }


def usual_worker(within: Path, more: Mapping[str, str], *, zipped: bool) -> Worker:
    """The worker of the usual handler: its packages installed and compiled, or `zipped`, as `cdk deploy` uploads them.

    The CDK dates each file in its zips 1980-01-01, so no bytecode matches its source any more.
    """
    asset, packages = within / f"usual-{zipped}", within / f"usual-{zipped}-packages"
    asset.mkdir()
    here = Path(__file__).parent
    shutil.copyfile(here / "usual_handler.py", asset / "usual_handler.py")
    # Copied, not linked, so that the dates set below do not change uv's cache.
    how = ["--quiet", "--no-deps", "--python", sys.executable, "--compile-bytecode", "--link-mode", "copy"]
    what = ["--requirements", str(here / "usual_requirements.txt"), "--target", str(packages)]
    subprocess.run([find_uv_bin(), "pip", "install", *how, *what], check=True)
    if zipped:
        for source in packages.rglob("*.py"):
            os.utime(source, (_FIRST_OF_1980, _FIRST_OF_1980))
    return Worker((asset, packages), environment(within) | {"TABLE_NAME": "benchmark", **more})
