"""Several tenants at the same time, one of them noisy: every request gets the expected response."""

import pytest

from infra.local.stack import Stack
from tests.load.report import TENANTS, measured, table

pytestmark = pytest.mark.system

REQUESTS = 16


def test_every_request_under_load_is_answered(stack: Stack) -> None:
    phases = measured(stack, REQUESTS)
    lines = "\n".join(table(phases))
    assert "Unexpected responses: none" in lines, lines
    assert [len(phase.latencies) for phase in phases] == [TENANTS * REQUESTS] * 3
    assert all(phase.per_second > 0 and phase.percentile(50) <= phase.percentile(99) for phase in phases)
