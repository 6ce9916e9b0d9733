"""Requests of several tenants at the same time, and their latencies."""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import quantiles
from threading import Event

import httpx

from infra.local.ministack import REGION
from infra.local.stack import Stack
from tests.builders import customer_json, invoice_json

_SECONDS = 120


@dataclass
class Phase:
    """The responses to the requests of one phase: seconds by operation, and statuses other than the expected one."""

    name: str
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    unexpected: Counter[str] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """The requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: int) -> float:
        """The latency in seconds that this part of the requests does not exceed."""
        return quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


Ask = Callable[[], tuple[str, int, int]]
"""Sends one request. Returns the operation, the expected and the actual status."""


def run(name: str, askers: Sequence[Ask], requests: int, *, beside: Sequence[Ask] = ()) -> Phase:
    """Let each asker send this number of requests, all at the same time.

    Those in `beside` send as many as they can until the others are done, and are not measured.
    """
    phase, done = Phase(name), Event()

    def measure(ask: Ask) -> list[float]:
        return [_timed(ask, phase) for _ in range(requests)]

    def disturb(ask: Ask) -> None:
        while not done.is_set():
            ask()

    with ThreadPoolExecutor(len(askers) + len(beside)) as threads:
        disturbers = [threads.submit(disturb, ask) for ask in beside]
        begun = time.perf_counter()
        try:
            for found in list(threads.map(measure, askers)):
                phase.latencies += found
            phase.seconds = time.perf_counter() - begun
        finally:
            done.set()
    for disturber in disturbers:
        disturber.result()
    return phase


def _timed(ask: Ask, phase: Phase) -> float:
    begun = time.perf_counter()
    operation, expected, status = ask()
    took = time.perf_counter() - begun
    if status != expected:
        phase.unexpected[f"{operation}: {status}"] += 1
    return took


def tenants(stack: Stack, count: int) -> list[str]:
    """New tenants in a running stack; the API key of the admin of each."""
    return [_new_tenant(stack, number) for number in range(count)]


def _new_tenant(stack: Stack, number: int) -> str:
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": stack.aws.url, **credentials}
    company = ["--name", f"Last {number}", "--country", "DE", "--email", "last@nord.example"]
    command = [sys.executable, "-m", "infra.local.cli", "tenant", "create", *company, "--stage", "local"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    [key] = re.findall(r"ik_local_\w+", done.stdout)
    return str(key)


def client(stack: Stack, key: str) -> Ask:
    """A client of one tenant, which works through a mix of operations again and again."""
    api = httpx.Client(base_url=stack.api_url, headers={"Authorization": f"Bearer {key}"}, timeout=_SECONDS)
    steps = _steps(api)
    return lambda: next(steps)


def _steps(api: httpx.Client) -> Iterator[tuple[str, int, int]]:
    while True:
        customer = api.post("/customers", json=customer_json())
        yield "create_customer", 201, customer.status_code
        draft = api.post("/invoices", json=invoice_json(customer_id=customer.json()["id"]))
        yield "create_invoice", 201, draft.status_code
        path = f"/invoices/{draft.json()['id']}"
        yield "get_invoice", 200, api.get(path).status_code
        yield "update_invoice", 200, api.patch(path, json={"buyer_reference": "K-1"}).status_code
        yield "list_invoices", 200, api.get("/invoices").status_code
        yield "add_comment", 201, api.post(f"{path}/comments", json={"comment": "x"}).status_code
        yield "list_comments", 200, api.get(f"{path}/comments").status_code
        yield "get_tenant", 200, api.get("/tenant").status_code
