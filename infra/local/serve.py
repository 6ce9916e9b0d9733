"""The process of the embedded AWS: ministack behind the front, on a socket that the parent has bound.

    python -m infra.local.serve <file descriptor of the socket>

The parent controls it by standard input: each line names the API behind `/v1`. When the input ends, also because the
parent died, the process ends.
"""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import traceback
import venv
from typing import NoReturn

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app as aws  # type: ignore[import-untyped]

from infra.local.front import Front


async def _follow_parent(front: Front, folder: str) -> NoReturn:
    """Read the API's id from each line; end at the end of the input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        front.api_id = line.decode().strip()
    _end(folder)


async def _run(descriptor: int, folder: str) -> None:
    front = Front(aws)
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    await serve(front, config, shutdown_trigger=lambda: _follow_parent(front, folder))  # type: ignore[arg-type]


def _end(folder: str) -> NoReturn:
    """End at once without leaving processes or files: an ordinary exit takes seconds, and there is nothing to save."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
    raise SystemExit


def main() -> None:
    """Serve until the input ends. All Lambda workers will be in the process group that begins here."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = tempfile.mkdtemp(prefix="ministack-")
    try:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        # ministack runs its workers on this interpreter; a bare one makes a layer that lacks a package fail here
        # as it would in the cloud.
        venv.create(f"{folder}/python", symlinks=True)
        sys.executable = f"{folder}/python/bin/python"
        asyncio.run(_run(int(sys.argv[1]), folder))
    finally:
        traceback.print_exception(sys.exception())
        _end(folder)


if __name__ == "__main__":
    main()
