"""Makes calls with whatever botocore it finds and prints what was sent and what came of it.

Run with the SDK of the layer and with the whole one, to compare. AWS is answered by the caller: nothing is sent.
"""

import json
import sys
from io import BytesIO
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_OF_ONE_REQUEST = {"amz-sdk-invocation-id", "authorization", "x-amz-date"}
"""Headers that differ between two requests for the same."""


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Any:
        """The body in pieces, as the HTTP library gives it."""
        yield self.read()


def call(
    service: str, method: str, params: dict[str, Any], reply: tuple[int, dict[str, str], bytes], region: str, **how: Any
) -> str:
    """One call: the request as it is sent, and the answer or error as a caller gets it."""
    sent: list[Any] = []

    def answer(request: Any, **_: Any) -> Any:
        headers = {name.lower(): value for name, value in request.headers.items()}
        kept = {name: value for name, value in sorted(headers.items()) if name not in _OF_ONE_REQUEST}
        body = request.body.read() if hasattr(request.body, "read") else request.body
        sent.append((request.method, request.url, kept, body))
        received = HTTPHeaders()
        for name, value in reply[1].items():
            received[name] = value
        return AWSResponse(request.url, reply[0], received, _Raw(reply[2]))

    settings = Config(
        retries={"total_max_attempts": 1}, user_agent="probe", request_checksum_calculation="when_required", **how
    )
    try:
        client: Any = boto3.client(service, region_name=region, config=settings)  # type: ignore[call-overload]
        client.meta.events.register("before-send", answer)
        came = getattr(client, method)(**params)
        if "Body" in came:
            came["Body"] = came["Body"].read()
    except ClientError as error:
        came = error.response
    except BotoCoreError as error:
        came = str(error)
    return repr((sent, came))


if __name__ == "__main__":
    jobs = eval(sys.stdin.read())
    json.dump([call(*job, **how) for *job, how in jobs], sys.stdout)
