"""One structured log line for each request or message, and the metrics that alarms are made of (Powertools)."""

import sys
import time
from collections.abc import Mapping
from functools import cache

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from invoicing import config

NAMESPACE = "Invoicing"
UNEXPECTED = "UnexpectedErrors"
_cold_start = iter((True,))


@cache
def logger() -> Logger:
    """The logger of this worker. The log group names the function, so log lines omit Lambda's data about it."""
    return Logger(service=config.service(), location=None, use_rfc3339=True, utc=True)


@cache
def metrics() -> Metrics:
    """The metrics of this worker, in CloudWatch's embedded metric format on standard output."""
    return Metrics(namespace=NAMESPACE, service=config.service())


def log_line(
    operation: str, started: float, *, unexpected: bool, facts: Mapping[str, object], canary: bool = False
) -> None:
    """Log an operation with its outcome and duration; within an `except` also the exception with its trace.

    An unexpected error is counted too: for Lambda, a function that responds with 500 has not failed, so its own error
    metric does not count it. Each dimension costs, so only canaries have their own.
    """
    keys = {
        "operation": operation,
        "milliseconds": round((time.perf_counter() - started) * 1000, 1),
        "cold_start": next(_cold_start, False),
        **facts,
    }
    if not unexpected:
        logger().info(operation, extra=keys)
        return
    logger().error(operation, exc_info=sys.exception() is not None, extra=keys)
    if canary:
        metrics().add_dimensions(service=config.service(), operation=operation)
    count(UNEXPECTED, operation=operation)


def count(metric: str, times: int = 1, **facts: object) -> None:
    """Increment a metric of an alarm or the dashboard. Its facts are logged with it and are no dimensions."""
    counted = metrics()
    counted.add_metric(name=metric, unit=MetricUnit.Count, value=times)
    for name, fact in facts.items():
        counted.add_metadata(name, fact)
    counted.flush_metrics()
