"""The synthesized CDK app: synthesized once per change of its sources, and kept under `.layers/`."""

import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from infra.local import folders
from infra.local.failure import LocalError, last_line

ROOT = Path(__file__).resolve().parents[2]
_SOURCES = ("infra", "functions", "layers")
_SINGLE = ("cdk.json", "pyproject.toml")
_NOT_SYNTHESIZED = ("__pycache__", "infra/local/", ".md")
_KEPT = 2
_END_SECONDS = 5


def tools() -> str:
    """The search path for programs. Programs of packages are beside the interpreter, also without activation."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def require_tools() -> None:
    """Raise an error before the start if the CDK's interpreter or the layers' installer is missing."""
    for tool in ("node", "uv"):
        if shutil.which(tool, path=tools()) is None:
            raise LocalError(f"{tool} is not installed; `uv sync` brings it.")


def assembly(context: Mapping[str, str], *, root: Path = ROOT) -> Path:
    """The app's templates and assets. Only a change of the sources or of the context synthesizes it again."""
    store = root / ".layers"
    folder = store / f"assembly-{digest(context, root=root)}"
    if not folder.is_dir():
        with folders.temporary(store, ".synthesizing-") as building:
            made = _synthesized(context, building.path)
            try:
                made.rename(folder)
            except OSError:
                # Another process was faster with the same content.
                if not folder.is_dir():
                    raise
    os.utime(folder)
    _forget_older(store)
    return folder


def digest(context: Mapping[str, str], *, root: Path = ROOT) -> str:
    """The hash of everything that the templates and assets are made of."""
    found = hashlib.sha256()
    settings = json.dumps({**context, "cdk": version("aws-cdk-lib")}, sort_keys=True)
    for part in (settings.encode(), importlib.util.MAGIC_NUMBER):
        found.update(len(part).to_bytes(8) + part)
    for file in _files(root):
        name, content = file.relative_to(root).as_posix().encode(), file.read_bytes()
        found.update(len(name).to_bytes(8) + name + len(content).to_bytes(8) + content)
    return found.hexdigest()


def _files(root: Path) -> list[Path]:
    every = [root / name for name in _SINGLE]
    every += [path for folder in _SOURCES for path in (root / folder).rglob("*")]
    names = {path: path.relative_to(root).as_posix() for path in every if path.is_file()}
    return sorted(path for path, name in names.items() if not any(part in name for part in _NOT_SYNTHESIZED))


def _forget_older(store: Path) -> None:
    """Remove all but the newest ones: each has the layers and takes a hundred megabytes."""
    kept = sorted(store.glob("assembly-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for older in kept[_KEPT:]:
        shutil.rmtree(older, ignore_errors=True)


def _synthesized(context: Mapping[str, str], folder: Path) -> Path:
    """Templates and assets, made by the same command that the CDK's own tool runs."""
    made = folder / "cdk.out"
    environment = {
        **os.environ,
        "PATH": tools(),
        "TMPDIR": str(folder),
        "CDK_OUTDIR": str(made),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    with _group([sys.executable, "-m", "infra.app"], environment) as process:
        _, errors = process.communicate()
    if process.returncode != 0:
        raise LocalError(f"The CDK app cannot be synthesized: {last_line(errors)}")
    return made


@contextmanager
def _group(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A program that is ended with its children if we stop waiting for it: first terminated, then killed."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.communicate(timeout=_END_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
