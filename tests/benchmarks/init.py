"""How long a worker takes to start, and what a request costs it, against the usual ways to write a function.

    uv run python -m tests.benchmarks.init [runs]

It builds the layers for this machine and measures every API function in fresh processes that find just what they would
find in Lambda. All times are of the processor: start and requests wait for nothing here.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.discovery import DeclaredFunction, endpoints
from tests.benchmarks import recording
from tests.benchmarks.recording import Recorded
from tests.benchmarks.worker import BARE, Worker, folder, medians, usual_worker, worker_of

RUNS = 15
_BARE, _A, _B, _UNCOMPILED = "bare interpreter", "(a) boto3 + client", "(b) usual handler", "(b) without bytecode"
_WANTED_INIT, _WANTED_OWN = 0.55, 0.25


def main(runs: int = RUNS) -> None:
    """Measure and print."""
    with folder() as within, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as xray:
        # Where the tracer of the usual handler sends to: somebody takes it, as in Lambda.
        xray.bind(("127.0.0.1", 0))
        daemon = {"AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{xray.getsockname()[1]}"}
        usual = usual_worker(within, daemon, compiled=True)
        uncompiled = usual_worker(within, daemon, compiled=False)
        functions = {found.name: (found, worker_of(found, within)) for found, _ in endpoints()}
        _print_starts(usual, uncompiled, functions, runs)
        _print_requests(usual, {name: worker for name, (_, worker) in functions.items()})


def _print_starts(
    usual: Worker, uncompiled: Worker, functions: Mapping[str, tuple[DeclaredFunction, Worker]], runs: int
) -> None:
    programs = {
        _BARE: (usual, "pass"),
        _A: (usual, "import boto3; boto3.client('dynamodb')"),
        _B: (usual, "import usual_handler"),
        _UNCOMPILED: (uncompiled, "import usual_handler"),
        **{name: (worker, f"import {found.module}") for name, (found, worker) in functions.items()},
    }
    seconds = medians(programs, runs)
    bare = seconds.pop(_BARE)
    starts = {name: worker.start(found.module) for name, (found, worker) in functions.items()}
    starts |= {_B: usual.start("usual_handler"), _UNCOMPILED: uncompiled.start("usual_handler")}
    a, b = seconds[_A] - bare, seconds[_B] - bare
    print(f"Start: processor time over a bare interpreter ({bare * 1e3:.0f} ms), median of {runs} fresh processes\n")
    print(f"{'':28}{'ms':>8}{'÷ (a)':>9}{'÷ (b)':>9}{'modules':>10}{'compiled':>10}")
    for name, median in seconds.items():
        own = median - bare
        start = starts.get(name)
        loaded = f"{len(start.files):>10}{len(start.compiled):>10}" if start else ""
        print(f"{name:28}{own * 1e3:>8.1f}{own / a:>9.2f}{own / b:>9.2f}{loaded}")
    worst = max(seconds[name] - bare for name in functions) / b
    print(
        f"\nThe slowest start is {worst:.2f} of (b); wanted: {_WANTED_INIT:.2f}. Compiled is only a function's own file.\n"
    )


def _print_requests(usual: Worker, workers: Mapping[str, Worker]) -> None:
    ours, theirs = recording.ours(), recording.usual()
    print("Requests: processor time in ms; 3 lines drafted and read; AWS answers at once\n")
    columns = ("first*", "warm", "own code", "÷ (b)")
    print(f"{'':28}" + "".join(f"{column:>10}" for column in columns))
    worst = 0.0
    for what, name, recorded, other in zip(
        ("POST", "GET"), ("create_invoice", "get_invoice"), ours, theirs, strict=True
    ):
        module = f"functions.invoices.{name}"
        found, compared = _requests(workers[name], module, recorded), _requests(usual, "usual_handler", other)
        for label, one in ((f"{what} {_B}", compared), (f"{what} {name}", found)):
            ready = one["import"] + one["first"]
            ratio = one["own"] / compared["own"]
            print(f"{label:28}{ready:>10.1f}{one['whole']:>10.3f}{one['own']:>10.3f}{ratio:>10.2f}")
        worst = max(worst, found["own"] / compared["own"])
    print("\n* start and first request; warm: with the AWS SDK's serializing, signing and parsing; own code: without")
    print(f"Own code needs at most {worst:.2f} of (b)'s; wanted: {_WANTED_OWN:.2f}.")


def _requests(worker: Worker, module: str, recorded: Recorded) -> dict[str, float]:
    told = {
        "paths": list(map(str, worker.paths)),
        "module": module,
        "event": recorded.event,
        "answers": recorded.answers,
        "status": recorded.status,
    }
    program = Path(__file__).with_name("one_request.py")
    done = subprocess.run(
        [*BARE, str(program), json.dumps(told)],
        env=dict(worker.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
