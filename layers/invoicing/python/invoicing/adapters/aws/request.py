"""One request to AWS: where it goes, signed, and sent again where that may help."""

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from invoicing import config
from invoicing.adapters.aws.connection import Reply, exchange
from invoicing.adapters.aws.errors import AwsError, AwsFault, NoAnswer, NotSent
from invoicing.adapters.aws.signature import Scope, encoded, signed
from invoicing.adapters.rest import rest

SECONDS = 5
"""How long AWS may take for any part of its answer."""
TIMES = 3
"""How often something is sent at most."""
_DONE = range(200, 300)
_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "eu-isoe-": "cloud.adc-e.uk",
    "us-isof-": "csp.hci.ic.gov",
}


class Request(NamedTuple):
    """What is asked of a service. `headers` are in lower case; `path` is escaped."""

    service: str
    method: str
    origin: str
    path: str = "/"
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    content: bytes = b""
    seconds: float = SECONDS
    times: int = TIMES


def origin(prefix: str) -> str:
    """Where a service is in this region, by what its host begins with."""
    region = config.region()
    suffix = next((suffix for start, suffix in _SUFFIXES.items() if region.startswith(start)), "amazonaws.com")
    return config.aws_endpoint() or f"https://{prefix}.{region}.{suffix}"


def scope_now(service: str) -> Scope:
    """For whom a signature of this moment speaks."""
    return Scope(config.credentials(), config.region(), service, datetime.now(UTC))


def answer_to(request: Request, refusal: Callable[[Reply], AwsError]) -> Reply:
    """What AWS answers if it does what is asked; raises `refusal` of its answer otherwise, or `NoAnswer`.

    What passes (faults of AWS, limits of rate, no answer) is tried again: what is asked may be done more than once.
    """
    left, waits, sent = request.times, 1, False
    while True:
        left -= 1
        try:
            return _answer(request, refusal)
        except AwsFault as error:
            if not (left and error.passes):
                if sent and isinstance(error, NotSent):
                    raise NoAnswer(*error.args) from error
                raise
            sent = sent or not isinstance(error, NotSent)
            rest(error.wait * waits)
            waits *= 2


def _answer(request: Request, refusal: Callable[[Reply], AwsError]) -> Reply:
    headers = signed(request, scope_now(request.service))
    if trace := config.trace_id():
        headers["x-amzn-trace-id"] = trace
    target = f"{request.path}?{encoded(request.query)}" if request.query else request.path
    reply = exchange(request.method, request.origin, target, headers, request.content, seconds=request.seconds)
    checksum = reply.headers.get("x-amz-crc32")
    if checksum is not None and int(checksum) != zlib.crc32(reply.content):
        raise NoAnswer(f"{request.origin}: the answer arrived garbled")
    if reply.status not in _DONE:
        raise refusal(reply)
    return reply
