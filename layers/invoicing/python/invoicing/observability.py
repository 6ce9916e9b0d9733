"""One structured log line for each piece of work, with the metric that alarms are made of."""

import time
from collections.abc import Mapping
from functools import cache

from aws_lambda_powertools import Logger

NAMESPACE = "Invoicing"


@cache
def logger() -> Logger:
    """The process's logger; service and level come from Powertools' own environment variables."""
    return Logger()


def log_line(
    operation: str, started: float, *, unexpected: int, facts: Mapping[str, object], canary: bool = False
) -> None:
    """Write what was done, how it ended and how long it took. `unexpected` counts faults nobody foresaw.

    The line is at once a CloudWatch metric (embedded metric format): a function that answers 500 has not failed
    for Lambda, so its own error metric would not count it. Each dimension costs, so only canaries have their own.
    """
    emf = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["service"], ["service", "operation"]] if canary else [["service"]],
                    "Metrics": [{"Name": "UnexpectedErrors", "Unit": "Count"}],
                }
            ],
        },
        "UnexpectedErrors": unexpected,
    }
    took = round((time.perf_counter() - started) * 1000, 1)
    logger().info("done", extra={"operation": operation, "milliseconds": took, **facts, **emf})
