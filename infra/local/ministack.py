"""The embedded AWS as a child process: on loopback, in its own folder, ended with its context."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import httpx

from infra.local.failure import LocalError, last_line

HOST = "127.0.0.1"
REGION: Final = "eu-central-1"
_START_SECONDS = 120
_STOP_SECONDS = 10
_SAVE_SECONDS = 300


@dataclass(frozen=True)
class Ministack:
    """A running embedded AWS."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def publish(self, api_id: str) -> None:
        """Put this API behind `/v1`."""
        control = _control(self.process)
        control.write(f"{api_id}\n".encode())
        control.flush()

    def wait(self, seconds: float) -> None:
        """Wait for some time. Raises an error if it ended."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise LocalError(f"The embedded AWS ended: {last_line(self.log.read_text(errors='replace'))}")


@contextmanager
def ministack(
    port: int, folder: Path, *, roles_hold: bool = True, kept: Path | None = None, locks: Sequence[int] = ()
) -> Iterator[Ministack]:
    """Run the embedded AWS on a port of loopback (0: any free one) while the context lasts.

    `roles_hold`: each function has exactly the permissions of its role, as in the cloud. `kept`: the folder from which
    it loads all that it stores, and in which it saves that at its end. `locks`: those that it holds as long as it runs.
    """
    log = folder / "ministack.log"
    with _bound(port) as listener, log.open("wb") as output:
        number = listener.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.serve", str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=_environment(number, folder) | {"AUTH": str(roles_hold).lower()} | _kept(kept),
            pass_fds=[listener.fileno(), *locks],
            process_group=0,
        )
    try:
        running = Ministack(f"http://{HOST}:{number}", process, log)
        _wait_until_ready(running)
        yield running
    finally:
        _stop(process, _STOP_SECONDS if kept is None else _SAVE_SECONDS)


def _bound(port: int) -> socket.socket:
    """Bind the port before the start, so that a port in use is reported at once."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # Without this, another process could bind the same port until the child listens on it.
        listener.listen()
    except OSError as error:
        listener.close()
        raise LocalError(f"Port {port} of {HOST} cannot be used ({error.strerror}); try --port 0.") from error
    return listener


def _environment(port: int, folder: Path) -> dict[str, str]:
    """The environment of the embedded AWS, without the user's own AWS configuration."""
    inherited = {name: os.environ[name] for name in ("LANG", "PATH", "PYTHONDONTWRITEBYTECODE") if name in os.environ}
    return {
        **inherited,
        "BIND_HOST": HOST,
        "DOCKER_HOST": f"unix://{folder}/none",
        "GATEWAY_PORT": str(port),
        "HOME": str(folder),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_REGION": REGION,
        "PYTHONNOUSERSITE": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder),
        "TZ": "UTC",
    }


def _kept(folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    folder = folder.absolute()
    stored = {"STATE_DIR": str(folder / "state"), "S3_DATA_DIR": str(folder / "s3")}
    return {**stored, "PERSIST_STATE": "1", "S3_PERSIST": "1"}


def _wait_until_ready(running: Ministack) -> None:
    # The socket listens already. The first response comes when the process is up; if it ends, the connection breaks.
    deadline = time.monotonic() + _START_SECONDS
    while running.process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"{running.url}/_ministack/health", timeout=_START_SECONDS).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise LocalError(f"The embedded AWS did not start: {last_line(running.log.read_text(errors='replace'))}")


def _control(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdin is None:
        raise LocalError("The embedded AWS was started without its control pipe.")
    return process.stdin


def _stop(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Close its standard input. If it does not end, kill it and its workers."""
    try:
        _control(process).close()
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
