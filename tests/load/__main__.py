"""Latency and requests per second through the gateway of the embedded AWS, beside a function that only answers.

    uv run python -m tests.load [requests of each client]

Several tenants work through a mix of operations; then again while another tenant sends as many requests as it can. The
embedded AWS has neither Lambda's isolation nor the gateway's limits per tenant: on two cores, the ratio with the noisy
tenant shows how a full machine shares its time, and no more.
"""

import sys

from infra.local.stack import running_stack
from tests.load import report


def main(requests: int = report.REQUESTS) -> None:
    """Measure and print."""
    with running_stack() as stack:
        sys.stdout.write("\n".join(report.table(report.measured(stack, requests))) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
