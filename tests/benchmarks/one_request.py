"""The cost of a request for a warm worker, and of the first one for a new worker. Runs in the worker.

Responses of AWS come from a recording at two depths: at the network, where the SDK still serializes, signs and parses;
and before the SDK, where only our own code, or that of the compared handler, remains.
"""

import importlib
import io
import json
import os
import sys
import time
from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(
    function_name="benchmark",
    function_version="$LATEST",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:eu-central-1:000000000000:function:benchmark",
    aws_request_id="11111111-1111-4111-8111-111111111111",
    get_remaining_time_in_millis=lambda: 29_000,
)
WARM_UP, COUNTED = 50, 400


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Any:
        """The body in chunks, as the HTTP library returns it."""
        yield self.read()


def measure(module: str, event: dict[str, Any], answers: dict[str, str], status: int) -> dict[str, float]:
    """Milliseconds of processor time: the first request, and a warm one with and without the SDK."""
    handler = importlib.import_module(module).handler
    answer_at_the_network(answers)
    started = time.process_time()
    answer = handler(event, CONTEXT)
    first = time.process_time() - started
    if answer["statusCode"] != status:
        raise RuntimeError(f"{module} answered {answer}")
    whole = _warm(handler, event)
    _answer_at_the_door(lambda: handler(event, CONTEXT))
    return {"first": first * 1e3, "whole": whole, "own": _warm(handler, event)}


def _warm(handler: Any, event: dict[str, Any]) -> float:
    for _ in range(WARM_UP):
        handler(event, CONTEXT)
    started = time.process_time()
    for _ in range(COUNTED):
        handler(event, CONTEXT)
    return (time.process_time() - started) / COUNTED * 1e3


def answer_at_the_network(answers: dict[str, str]) -> None:
    """Answer every request of botocore from a recording, by its operation."""
    from botocore.awsrequest import AWSResponse, HTTPHeaders
    from botocore.httpsession import URLLib3Session

    session: Any = URLLib3Session

    def send(_session: Any, sent: Any) -> Any:
        target = sent.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        return AWSResponse(sent.url, 200, HTTPHeaders(), _Raw(answers[operation].encode()))

    session.send = send


def _answer_at_the_door(once: Any) -> None:
    """From here on, every call gets the responses of one more recorded request."""
    from botocore.client import BaseClient

    client: Any = BaseClient
    call, known = client._make_api_call, {}

    def remembering(self: Any, operation: str, said: Any) -> Any:
        known[operation] = call(self, operation, said)
        return known[operation]

    client._make_api_call = remembering
    once()
    client._make_api_call = lambda _self, operation, _said: known[operation]


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    sys.path[:0] = told.pop("paths")
    result = os.dup(1)
    # Logging is measured too, but its output is discarded.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.write(result, json.dumps(measure(**told)).encode())
