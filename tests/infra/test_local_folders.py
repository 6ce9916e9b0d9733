"""Folders of running stacks, and the removal of those that a killed process left."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from infra.local.failure import LocalError
from infra.local.folders import locked, remove_leftovers, temporary
from infra.local.stack import reserved

_HOLD = """
import sys
import threading
from pathlib import Path
from infra.local.folders import temporary
with temporary(Path(sys.argv[1]), "stack-") as folder:
    print(folder.path, flush=True)
    sys.stdin.read()
"""


def _killed(parent: Path) -> Path:
    """A folder whose user was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process.stdout, process.stdin:
        folder = process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)
        process.wait()
    return Path(folder)


def test_a_folder_is_removed_with_its_context(tmp_path: Path) -> None:
    with temporary(tmp_path, "stack-") as folder:
        (folder.path / "file").touch()
    assert list(tmp_path.iterdir()) == []


def test_the_next_start_removes_the_folder_of_a_killed_one(tmp_path: Path) -> None:
    left = _killed(tmp_path)
    assert left.is_dir()
    with temporary(tmp_path, "stack-") as folder:
        assert [path.name for path in tmp_path.iterdir()] == [folder.path.name]


def test_the_rest_of_an_interrupted_removal_is_removed_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = _killed(tmp_path)
    (left / "written").mkdir()
    (left / "log").touch()
    with monkeypatch.context() as interrupted:
        interrupted.setattr(shutil, "rmtree", lambda *_, **__: None)
        remove_leftovers(tmp_path, "stack-")
    assert {path.name for path in left.iterdir()} == {"lock", "written"}
    remove_leftovers(tmp_path, "stack-")
    assert not left.exists()


def test_a_folder_in_use_stays(tmp_path: Path) -> None:
    (tmp_path / "stack-of-others").mkdir()
    with temporary(tmp_path, "stack-") as first, temporary(tmp_path, "stack-") as second:
        assert first.path.is_dir()
        assert second.path.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["stack-of-others"]


def test_a_child_that_lives_on_holds_the_folder(tmp_path: Path) -> None:
    read, write = os.pipe()
    with temporary(tmp_path, "stack-") as folder:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=read, pass_fds=[folder.lock])
        os.close(folder.lock)
        with temporary(tmp_path, "stack-"):
            assert folder.path.is_dir()
        os.close(write)
        child.wait()
        with temporary(tmp_path, "stack-"):
            assert not folder.path.exists()
        os.dup2(read, folder.lock)
    os.close(read)


def test_two_stacks_have_two_folders(tmp_path: Path) -> None:
    with reserved(tmp_path / "a"), reserved(tmp_path / "b"):
        with pytest.raises(LocalError, match="--folder") as refused, reserved(tmp_path / "a"):
            pass
        assert "\n" not in str(refused.value)
    with reserved(tmp_path / "a"):
        pass


def test_a_start_removes_the_facts_of_a_killed_stack(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text("{}")
    with reserved(tmp_path):
        assert not (tmp_path / "stack.json").exists()


def test_a_lock_ends_with_its_context(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path / "lock"), pytest.raises(LocalError), locked(tmp_path / "lock"):
            pass


def test_a_start_waits_until_a_killed_one_has_saved(tmp_path: Path) -> None:
    program = "import sys, fcntl; fcntl.flock(int(sys.argv[1]), fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
    with (tmp_path / "lock").open("w") as file:
        number = file.fileno()
        saving = subprocess.Popen(
            [sys.executable, "-c", program, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[number],
        )
    assert saving.stdout is not None
    assert saving.stdin is not None
    with saving.stdin as stdin, saving.stdout:
        saving.stdout.readline()
        ending = threading.Event()

        def end() -> None:
            ending.set()
            stdin.close()

        later = threading.Timer(0.2, end)
        later.start()
        with locked(tmp_path / "lock", wait=True):
            assert ending.is_set()
        later.join()
    saving.wait()
