"""The embedded AWS as a process: its address, and its cleanup."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from infra.local.failure import LocalError
from infra.local.ministack import HOST, Ministack, ministack

_KEEP_RUNNING = """
import sys, tempfile, time
from pathlib import Path
from infra.local.ministack import ministack
with tempfile.TemporaryDirectory() as folder, ministack(0, Path(folder)) as aws:
    print(aws.process.pid, folder, flush=True)
    time.sleep(60)
"""


def _running(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _gone(group: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while _running(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _running(group)


def test_the_embedded_aws_listens_on_loopback_only(tmp_path: Path) -> None:
    with ministack(0, tmp_path) as aws:
        port = httpx.URL(aws.url).port
        others = [each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
        assert aws.url == f"http://{HOST}:{port}"
        assert httpx.get(f"{aws.url}/_ministack/health").status_code == 200
        for address in {str(each) for each in others} - {HOST}:
            if not address.startswith("127."):
                with socket.socket() as other:
                    assert other.connect_ex((address, port)) != 0


def test_ending_leaves_no_process_and_no_file_but_the_log(tmp_path: Path) -> None:
    with ministack(0, tmp_path) as aws:
        group = aws.process.pid
        assert _running(group)
    assert _gone(group)
    assert [path.name for path in tmp_path.iterdir()] == ["ministack.log"]


def test_an_exception_inside_ends_it_too(tmp_path: Path) -> None:
    started: list[Ministack] = []

    def use() -> None:
        with ministack(0, tmp_path) as aws:
            started.append(aws)
            raise RuntimeError("something in the middle")

    with pytest.raises(RuntimeError, match="something in the middle"):
        use()
    assert _gone(started[0].process.pid)


def test_it_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _KEEP_RUNNING], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        group, folder = parent.stdout.readline().split()
        assert _running(int(group))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        if parent.stdout is not None:
            parent.stdout.close()
    assert _gone(int(group))
    assert not list(Path(folder).glob("ministack-*"))
    # Only the log remains of a parent that was killed.
    for path in Path(folder).iterdir():
        path.unlink()
    Path(folder).rmdir()


def test_a_port_in_use_is_reported_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalError) as refused, ministack(port, tmp_path):
            pass
    assert str(port) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_process_that_cannot_start_reports_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(LocalError, match="did not start"), ministack(0, tmp_path):
        pass


def test_the_users_aws_configuration_does_not_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the real account")
    monkeypatch.setenv("AWS_PROFILE", "real")
    with ministack(0, tmp_path) as aws:
        environment = Path(f"/proc/{aws.process.pid}/environ").read_bytes()
    assert b"real" not in environment
