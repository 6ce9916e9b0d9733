"""The embedded AWS keeps a limited number of idle Lambda workers."""

import time
from typing import Any

import pytest
from ministack.core import lambda_runtime  # type: ignore[import-untyped]

from infra.local.workers import limit_idle_workers

CONFIG = {
    "FunctionArn": "arn:aws:lambda:eu-central-1:000000000000:function:invoicing",
    "Runtime": "python3.13",
    "Handler": "main.handler",
}


class Ended(list[str]):
    """The functions whose workers were ended."""

    def end(self, workers: list[Any]) -> None:
        self.extend(worker.func_name for worker in workers)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Ended:
    """At most two workers may be idle."""
    ended = Ended()
    monkeypatch.setattr(lambda_runtime, "_workers", {})
    monkeypatch.setattr(lambda_runtime, "_worker_class_for", lambda_runtime._worker_class_for)
    monkeypatch.setattr(lambda_runtime, "kill_workers", ended.end)
    limit_idle_workers(2)
    return ended


def run(name: str, *, ends: bool = True) -> None:
    worker, _ = lambda_runtime.acquire_worker(name, CONFIG, b"")
    worker.last_used = time.time()
    if ends:
        lambda_runtime.release_worker(worker)


def wait_for(ended: Ended, number: int) -> None:
    """Workers are ended by a thread."""
    deadline = time.monotonic() + 60
    while len(ended) < number and time.monotonic() < deadline:
        time.sleep(0.001)


def test_the_longest_idle_workers_end(ended: Ended) -> None:
    for name in ("list", "get", "list", "create", "update", "delete"):
        run(name)
    wait_for(ended, 2)
    # The start of `delete` finds three idle workers, and that of `update` found three.
    assert set(ended) == {"get", "list"}


def test_a_running_worker_is_not_ended(ended: Ended) -> None:
    run("finalize", ends=False)
    for name in ("get", "list", "create", "update"):
        run(name)
    wait_for(ended, 1)
    assert ended == ["get"]


def test_a_function_starts_again_after_its_worker_ended(ended: Ended) -> None:
    for name in ("get", "list", "create", "update"):
        run(name)
    wait_for(ended, 1)
    assert ended == ["get"]
    assert lambda_runtime.acquire_worker("get", CONFIG, b"")[1] == "spawn"
