"""The memory of a worker does not grow with the requests that it serves."""

import pytest

from tests.benchmarks.recording import Recorded, ours
from tests.load.worker_memory import measured

MOST = 1.15
"""Of the memory after the warm-up. A leak of 2 KB a request is more than that after 10,000."""


@pytest.fixture(scope="module")
def requests() -> dict[str, Recorded]:
    created, read = ours()
    return {"functions.invoices.create_invoice": created, "functions.invoices.get_invoice": read}


@pytest.mark.parametrize(
    "count", [pytest.param(500, marks=pytest.mark.system), pytest.param(10_000, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("module", ["functions.invoices.create_invoice", "functions.invoices.get_invoice"])
def test_memory_stays_flat(requests: dict[str, Recorded], module: str, count: int) -> None:
    memory = measured(module, requests[module], count)
    assert memory.last <= MOST * memory.first
