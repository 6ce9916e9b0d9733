"""Folders that are locked while a process uses them, so that the next start can remove those of a killed one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from infra.local.failure import LocalError

_LOCK = "lock"


class Locked(NamedTuple):
    """A folder, and the descriptor of its lock. A child that inherits the descriptor holds the lock too."""

    path: Path
    lock: int


@contextmanager
def temporary(parent: Path, prefix: str) -> Iterator[Locked]:
    """A new folder, removed when the context ends. First removes folders of the same prefix whose users died."""
    parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(parent, prefix)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        # Locked before it gets its name: a folder with an unlocked lock counts as left over.
        draft = folder / f".{_LOCK}"
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        draft.rename(folder / _LOCK)
        try:
            yield Locked(folder, descriptor)
        finally:
            os.close(descriptor)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(parent: Path, prefix: str) -> None:
    """Remove the folders of processes that were killed."""
    for folder in parent.glob(f"{prefix}*"):
        # Without the file, the folder is being created or belongs to something else; other users' cannot be opened.
        with suppress(Held, FileNotFoundError, PermissionError), locked(folder / _LOCK, create=False):
            _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder, its lock last: while killed processes still write, the next start removes the rest."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != _LOCK:
            entry.unlink(missing_ok=True)
    if [entry.name for entry in folder.iterdir()] == [_LOCK]:
        shutil.rmtree(folder, ignore_errors=True)


class Held(LocalError):
    """Another process holds the lock."""


@contextmanager
def locked(file: Path, *, create: bool = True, wait: bool = False) -> Iterator[int]:
    """Hold the lock of a file, by its descriptor. The lock ends with the process, also when the process is killed.

    `wait`: until another process that holds it ends, instead of an error.
    """
    descriptor = os.open(file, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise Held(f"{file} is in use by another process.") from None
        yield descriptor
    finally:
        os.close(descriptor)
