"""The phases of a load test, and their table."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra.local.stack import Stack
from tests.load.echo import echo, echo_url
from tests.load.traffic import Phase, client, run, tenants

TENANTS, NOISY, REQUESTS = 3, 3, 200
_MIX = 8
"""The operations of the mix."""


class Phases(NamedTuple):
    """The measured phases."""

    echo: Phase
    mixed: Phase
    noisy: Phase


def measured(stack: Stack, requests: int = REQUESTS) -> Phases:
    """Run all phases, after each worker has started."""
    keys = tenants(stack, TENANTS + 1)
    clients = [client(stack, key) for key in keys[:TENANTS]]
    # More threads than the others have, all of the one noisy tenant.
    noise = [client(stack, keys[TENANTS]) for _ in range(NOISY)]
    url = echo_url(stack)
    for group in ([echo(url) for _ in range(TENANTS)], clients, [*clients, *noise]):
        run("warm-up", group, _MIX)
    return Phases(
        run("an echo function", [echo(url) for _ in range(TENANTS)], requests),
        run(f"{TENANTS} tenants, mixed operations", clients, requests),
        run("the same beside a noisy tenant", clients, requests, beside=noise),
    )


def table(phases: Phases) -> Iterator[str]:
    """The phases as lines: requests a second, latencies, and their ratio to the echo and to the quiet phase."""
    yield f"{'':36}{'requests':>10}{'a second':>10}{'p50 ms':>9}{'p99 ms':>9}{'÷ echo':>9}{'÷ quiet':>9}"
    for phase in phases:
        yield "".join(_cells(phase, phases))
    unexpected = phases.echo.unexpected + phases.mixed.unexpected + phases.noisy.unexpected
    yield f"\nUnexpected responses: {dict(unexpected) or 'none'}"


def _cells(phase: Phase, phases: Phases) -> Sequence[str]:
    p50, p99 = phase.percentile(50), phase.percentile(99)
    return (
        f"{phase.name:36}{len(phase.latencies):>10}{phase.per_second:>10.1f}{p50 * 1e3:>9.1f}{p99 * 1e3:>9.1f}",
        f"{p50 / phases.echo.percentile(50):>9.1f}{p50 / phases.mixed.percentile(50):>9.1f}",
    )
