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
import threading
import traceback
import venv
from pathlib import Path
from typing import NoReturn

import ministack.app  # type: ignore[import-untyped]
from hypercorn.asyncio import serve
from hypercorn.config import Config

from infra.local import kept
from infra.local.front import Front
from infra.local.workers import limit_idle_workers, share_layers

_IDLE_WORKERS = 64
"""Workers that wait for work, about 60 MB each."""


def _follow_parent(front: Front, loop: asyncio.AbstractEventLoop, folder: str) -> NoReturn:
    """Read the API's id from each line; end at the end of the input. A busy event loop does not delay it."""
    for line in sys.stdin:
        front.api_id = line.strip()
    try:
        if kept.ENABLED:
            # Between two requests, so that no request changes the state meanwhile.
            asyncio.run_coroutine_threadsafe(_save(), loop).result()
    finally:
        if failed := sys.exception():
            traceback.print_exception(failed)
        _end(folder)


async def _save() -> None:
    kept.save()


async def _run(descriptor: int, folder: str) -> None:
    front = Front(ministack.app.app)
    followed = (front, asyncio.get_running_loop(), folder)
    threading.Thread(target=_follow_parent, args=followed, daemon=True).start()
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    # Until the process ends: only the parent ends it.
    await serve(front, config, shutdown_trigger=asyncio.Event().wait)  # type: ignore[arg-type]


def _end(folder: str) -> NoReturn:
    """End at once without leaving processes or files, because an ordinary exit takes seconds."""
    os.killpg(0, signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
    raise SystemExit


def main() -> None:
    """Serve until the input ends. All Lambda workers will be in the process group that begins here."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # `_end` sends it to its whole group. A handler, because workers would inherit that a signal is ignored.
    signal.signal(signal.SIGTERM, lambda *_: None)
    folder = tempfile.mkdtemp(prefix="ministack-")
    try:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        # ministack runs its workers on this interpreter; a bare one makes a layer that lacks a package fail here
        # as it would in the cloud.
        venv.create(f"{folder}/python", symlinks=True)
        sys.executable = f"{folder}/python/bin/python"
        kept.store_layers_as_files()
        share_layers(Path(folder, "layers"))
        limit_idle_workers(_IDLE_WORKERS)
        asyncio.run(_run(int(sys.argv[1]), folder))
    finally:
        traceback.print_exception(sys.exception())
        _end(folder)


if __name__ == "__main__":
    main()
