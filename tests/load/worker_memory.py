"""The memory of a worker while it serves requests, each with its own ids. AWS answers from a recording.

Runs in a process of its own, as a worker does: `measured` starts it.
"""

import importlib
import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict
from typing import Any, NamedTuple

from tests.aws import ENVIRONMENT, NO_ACCOUNT
from tests.benchmarks.one_request import CONTEXT, answer_at_the_network
from tests.benchmarks.recording import Recorded

WARM_UP = 500
_ULID = "01M8J74SPDB52WS2BYM5H4G"


class Memory(NamedTuple):
    """The peak memory of a worker in the units of the operating system, after the warm-up and at the end."""

    first: int
    last: int


def measured(module: str, recorded: Recorded, requests: int) -> Memory:
    """Serve this number of requests in a new process."""
    given = json.dumps({"module": module, "requests": requests, **asdict(recorded)})
    environment = {**os.environ, **NO_ACCOUNT, **ENVIRONMENT}
    command = [sys.executable, "-m", "tests.load.worker_memory"]
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return Memory(*json.loads(done.stdout.splitlines()[-1]))


def _serve(module: str, event: dict[str, Any], answers: dict[str, str], status: int, requests: int) -> list[int]:
    handler = importlib.import_module(module).handler
    answer_at_the_network(answers)
    peaks = []
    for number in range(WARM_UP + requests):
        answer = handler(_renamed(event, number), CONTEXT)
        if answer["statusCode"] != status:
            raise RuntimeError(f"{module} answered {answer}")
        if number in {WARM_UP - 1, WARM_UP + requests - 1}:
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peaks


def _renamed(event: dict[str, Any], number: int) -> dict[str, Any]:
    """The event of another request: anything that a worker keeps for each of them adds up."""
    id_ = f"inv_{_ULID}{number:03X}".ljust(30, "0")[:30]
    names = {name: id_ if name == "invoice_id" else value for name, value in (event["pathParameters"] or {}).items()}
    headers = {**event["headers"], "Idempotency-Key": f"key {number}"}
    many = {name: [value] for name, value in headers.items()}
    return {**event, "pathParameters": names or None, "headers": headers, "multiValueHeaders": many}


if __name__ == "__main__":
    output = os.dup(1)
    # The function's log is measured too, but not printed.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.write(output, json.dumps(_serve(**json.load(sys.stdin))).encode())
