"""The start time of a worker and the cost of a request, compared with the usual ways to write a function.

    uv run python -m tests.benchmarks.init [runs]

It builds the layers for this machine and measures every API function in fresh processes with the same files as in
Lambda. All times are of the processor: start and requests wait for nothing here.
"""

import json
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from infra.discovery import endpoints
from tests.benchmarks import recording
from tests.benchmarks.recording import Recorded
from tests.benchmarks.worker import BARE, Start, Worker, folder, medians, usual_worker, worker_of

RUNS = 15
_BARE, _A, _CLIENT = "bare interpreter", "(a) import boto3", "(a) with a client"
_B, _ZIPPED = "(b) usual handler", "(b) as the CDK ships it"
_WANTED_START, _WANTED_ZIPPED, _WANTED_COLD, _WANTED_WARM = 0.78, 0.32, 0.80, 0.70


def main(runs: int = RUNS) -> None:
    """Measure and print."""
    with folder() as within, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as xray:
        # The receiver of the traces of the usual handler, as in Lambda.
        xray.bind(("127.0.0.1", 0))
        daemon = {"AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{xray.getsockname()[1]}"}
        usual = usual_worker(within, daemon, zipped=False)
        zipped = usual_worker(within, daemon, zipped=True)
        functions = {found.name: (found, worker_of(found, within)) for found, _ in endpoints()}
        programs = {
            _BARE: (usual, "pass"),
            _A: (usual, "import boto3"),
            _CLIENT: (usual, "import boto3; boto3.client('dynamodb')"),
            _B: (usual, "import usual_handler"),
            _ZIPPED: (zipped, "import usual_handler"),
            **{name: (worker, f"import {found.module}") for name, (found, worker) in functions.items()},
        }
        measured = medians(programs, runs)
        bare = measured.pop(_BARE)
        starts = {name: (seconds - bare) * 1e3 for name, seconds in measured.items()}
        loaded = {name: worker.start(found.module) for name, (found, worker) in functions.items()}
        loaded |= {_B: usual.start("usual_handler"), _ZIPPED: zipped.start("usual_handler")}
        _say(f"Start: processor time over a bare interpreter's {bare * 1e3:.0f} ms, median of {runs} fresh processes\n")
        _say(*_starts(starts, loaded, list(functions)))
        _say("\nRequests: processor time in ms; three lines drafted and read; AWS answers at once\n")
        _say(*_requests(usual, {name: worker for name, (_, worker) in functions.items()}, starts))


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _starts(starts: Mapping[str, float], loaded: Mapping[str, Start], ours: list[str]) -> Iterator[str]:
    yield f"{'':28}{'ms':>8}{'÷ (a)':>9}{'÷ (b)':>9}{'modules':>10}{'compiled':>10}"
    for name, took in starts.items():
        found = loaded.get(name)
        counted = f"{len(found.files):>10}{len(found.compiled):>10}" if found else ""
        yield f"{name:28}{took:>8.1f}{took / starts[_A]:>9.2f}{took / starts[_B]:>9.2f}{counted}"
    every = sorted(starts[name] for name in ours)
    fastest, middle, slowest = (one / starts[_B] for one in (every[0], statistics.median(every), every[-1]))
    yield f"\nOurs take {fastest:.2f} to {slowest:.2f} of (b), median {middle:.2f}; wanted: {_WANTED_START}."
    shipped = every[-1] / starts[_ZIPPED]
    yield f"The slowest: {shipped:.2f} of (b) as the CDK ships it; wanted: {_WANTED_ZIPPED}."
    yield "Compiled: its own file alone."


def _requests(usual: Worker, workers: Mapping[str, Worker], starts: Mapping[str, float]) -> Iterator[str]:
    yield f"{'':28}{'cold*':>10}{'÷ (b)':>8}{'warm':>10}{'÷ (b)':>8}{'own code':>10}{'÷ (b)':>8}{'÷ its warm':>12}"
    cold, warm = 0.0, 0.0
    pairs = zip(("create_invoice", "get_invoice"), recording.ours(), recording.usual(), strict=True)
    for name, recorded, other in pairs:
        one = _request(workers[name], f"functions.invoices.{name}", recorded)
        compared = _request(usual, "usual_handler", other)
        one["cold"], compared["cold"] = starts[name] + one["first"], starts[_B] + compared["first"]
        for label, found in ((f"{other.event['httpMethod']} {_B}", compared), (name, one)):
            columns = (f"{found[what]:>10.3f}{found[what] / compared[what]:>8.2f}" for what in ("cold", "whole", "own"))
            yield f"{label:28}{''.join(columns)}{found['own'] / compared['whole']:>12.2f}"
        cold, warm = max(cold, one["cold"] / compared["cold"]), max(warm, one["whole"] / compared["whole"])
    yield "\n* start and first request; warm: with what asks AWS (serializing, signing, parsing); own code: without."
    yield f"At most {cold:.2f} of (b)'s start and first request; wanted: {_WANTED_COLD}."
    yield f"At most {warm:.2f} of (b)'s warm request; wanted: {_WANTED_WARM}."


def _request(worker: Worker, module: str, recorded: Recorded) -> dict[str, float]:
    told = {
        "paths": list(map(str, worker.paths)),
        "module": module,
        "event": recorded.event,
        "answers": recorded.answers,
        "status": recorded.status,
    }
    command = [*BARE, str(Path(__file__).with_name("one_request.py")), json.dumps(told)]
    done = subprocess.run(command, env=dict(worker.environment), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
