"""The process of the embedded AWS: ministack behind the front, on a socket that the parent has bound.

    python -m infra.local.serve <file descriptor of the socket>

Standard input is the parent's hold on it: each line names the API that `/v1` leads to, its end ends the process,
whatever became of the parent.
"""

import asyncio
import os
import signal
import sys
import tempfile
import venv

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app as aws  # type: ignore[import-untyped]
from ministack.core import lambda_runtime  # type: ignore[import-untyped]

from infra.local.front import Front


async def _follow_parent(front: Front) -> None:
    """Take over the API's id from each line; return when the parent lets go."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        front.api_id = line.decode().strip()


async def _run(descriptor: int) -> None:
    front = Front(aws)
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    await serve(front, config, shutdown_trigger=lambda: _follow_parent(front))  # type: ignore[arg-type]
    await asyncio.to_thread(lambda_runtime.reset)


def main() -> None:
    """Serve until the parent lets go, then leave neither process nor file."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with tempfile.TemporaryDirectory(prefix="ministack-", ignore_cleanup_errors=True) as folder:
            tempfile.tempdir = os.environ["TMPDIR"] = folder
            # ministack runs its workers on this interpreter; a bare one makes a layer that lacks a package fail here
            # as it would in the cloud.
            venv.create(f"{folder}/python", symlinks=True)
            sys.executable = f"{folder}/python/bin/python"
            asyncio.run(_run(int(sys.argv[1])))
    finally:
        # Every Lambda worker is in the group of this process; a thread that waits for one cannot hold up the end.
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
