"""Builds the folders that become Lambda layers: pinned packages or our own code, trimmed and compiled.

The same input gives the same folder. It is stored under `.layers/` by its content, so that only changes are built.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from uv import find_uv_bin

from infra.constructs import sdk_data
from invoicing.core.model import LANGUAGES

Machine = Literal["aarch64", "x86_64"]
ROOT = Path(__file__).resolve().parents[2]
PYTHON = "3.13"
_OURS = Path("layers/invoicing/python")
# Installers' notes on a package: its metadata (versions, entry points, licences) stay.
_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "uv_cache.json", "uv_build.json"}
_NEVER_RUN = {"__pycache__", "tests", "bin"}
_NEWEST = 3
"""How many folders of a layer are kept. More than one, because several programs may build from different sources."""


class LayerNotBuilt(Exception):
    """A layer cannot be built. The message is one line."""


def packages(layer: str, machine: Machine, *, root: Path = ROOT) -> Path:
    """The folder of a layer made of packages (`dependencies`, `documents`), for one kind of processor."""
    requirements = root / "layers" / layer / "requirements.txt"
    if not requirements.is_file():
        raise LayerNotBuilt(f"The layer {layer} has no requirements.txt.")

    def fill(target: Path) -> None:
        _install(layer, requirements, machine, target)
        _trim(target)

    made_from = f"{layer} {machine} {sorted(LANGUAGES)} {sdk_data.operations()}"
    found = _digest([made_from.encode(), Path(sdk_data.__file__).read_bytes(), requirements.read_bytes()])
    return _kept(root / ".layers", f"{layer}-{machine}", found, fill)


def own_code(*, root: Path = ROOT) -> Path:
    """The folder of the layer that is our own package."""
    source = root / _OURS
    files = sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    content = [part for path in files for part in (path.relative_to(source).as_posix().encode(), path.read_bytes())]

    def fill(target: Path) -> None:
        for path in files:
            copied = target / path.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)

    return _kept(root / ".layers", "invoicing", _digest(content), fill)


def fingerprint(built: Path) -> str:
    """The hash of everything that a layer is built from, which identifies the built layer."""
    return built.name.rpartition("-")[2]


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in (Path(__file__).read_bytes(), importlib.util.MAGIC_NUMBER, *parts):
        found.update(len(part).to_bytes(8) + part)
    return found.hexdigest()


def _kept(store: Path, name: str, digest: str, fill: Callable[[Path], None]) -> Path:
    """The folder of this content. Several may build it at once; the first one puts it in place, whole."""
    folder = store / f"{name}-{digest}"
    if not folder.is_dir():
        store.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".building-", dir=store) as name_of_temporary:
            building = Path(name_of_temporary, "layer")
            fill(building / "python")
            _compile(building / "python")
            _readable(building)
            try:
                building.rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
    os.utime(folder)
    _forget_older(store, name, folder)
    return folder


def _forget_older(store: Path, name: str, kept: Path) -> None:
    found = store.glob(f"{name}-{'?' * len(fingerprint(kept))}")
    for older in sorted(found, key=_last_use, reverse=True)[_NEWEST:]:
        if older != kept:
            shutil.rmtree(older, ignore_errors=True)


def _last_use(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        # Another process has removed it.
        return 0


def _install(layer: str, requirements: Path, machine: Machine, target: Path) -> None:
    try:
        uv = find_uv_bin()
    except FileNotFoundError:
        raise LayerNotBuilt("uv is not installed; `uv sync` brings it.") from None
    what = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirements", str(requirements)]
    # Lambda's Python 3.13 runs on Amazon Linux 2023, whose glibc is 2.34.
    where = ["--python-version", PYTHON, "--python-platform", f"{machine}-manylinux_2_28", "--target", str(target)]
    # Links into uv's cache would let the trimming write there.
    how = ["--quiet", "--no-progress", "--link-mode", "copy", "--python", sys.executable]
    done = subprocess.run([uv, "pip", "install", *how, *what, *where], capture_output=True, text=True, check=False)  # noqa: S603 — our own arguments
    if done.returncode != 0:
        reason = " ".join(done.stderr.split())[:500]
        raise LayerNotBuilt(f"The packages of the layer {layer} cannot be installed: {reason}")


def _trim(folder: Path) -> None:
    """Remove files that no function reads."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and path.name in _NEVER_RUN:
            shutil.rmtree(path)
        elif path.parent.suffix == ".dist-info" and path.name in _NOTES:
            path.unlink()
    (folder / ".lock").unlink(missing_ok=True)
    if (folder / "stdnum").is_dir():
        _trim_stdnum(folder / "stdnum")
    if (folder / "babel").is_dir():
        _trim_babel(folder / "babel" / "locale-data")
    if (folder / "botocore").is_dir():
        sdk_data.trim(folder)


def _trim_stdnum(numbers: Path) -> None:
    """Without registers of numbers that invoices do not need: two of its four megabytes."""
    for path in numbers.rglob("*.dat"):
        if path.name != "iban.dat":
            path.unlink()


def _trim_babel(locales: Path) -> None:
    """Only the languages that documents are printed in, with their regions."""
    for path in locales.glob("*.dat"):
        if path.stem != "root" and path.stem.partition("_")[0] not in LANGUAGES:
            path.unlink()


def _compile(folder: Path) -> None:
    """Compile bytecode that is valid independently of time stamps, which zips change.

    Without it the start takes twice as long.
    """
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    # Traces show the paths that Lambda has, and the bytes do not depend on where they were made.
    command += ["-s", str(folder), "-p", "/opt/python", str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603 — as above
    if done.returncode != 0:
        raise LayerNotBuilt(f"A module cannot be compiled: {' '.join(done.stdout.split())[:500]}")


def _readable(folder: Path) -> None:
    """Make files readable for Lambda's user, because the builder's umask may be strict."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
