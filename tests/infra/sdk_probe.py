"""Makes calls with the botocore on its path and prints the requests and results.

Run with the SDK of the layer and with the complete one, to compare. The caller provides the responses: nothing is sent.
"""

import json
import sys
from ast import literal_eval
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_OF_ONE_REQUEST = {"amz-sdk-invocation-id", "authorization", "x-amz-date"}
"""Headers that differ between two equal requests."""


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Any:
        """The body in chunks, as the HTTP library returns it."""
        yield self.read()


def call(
    service: str, method: str, params: dict[str, Any], reply: tuple[int, dict[str, str], bytes], region: str, **how: Any
) -> str:
    """One call: the request as it is sent, and the response or error as a caller gets it."""
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


def presigned(region: str) -> str:
    """A signed URL and form, without the parts that depend on the time."""
    settings = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    client: Any = boto3.client("s3", region_name=region, config=settings)
    at = {"Bucket": "files", "Key": "ten_1/ä b"}
    url = client.generate_presigned_url("get_object", Params={**at, "ResponseContentType": "a/b"}, ExpiresIn=300)
    form = client.generate_presigned_post(*at.values(), Fields={"Content-Type": "a/b"}, Conditions=[], ExpiresIn=300)
    return repr((url.partition("?")[0], sorted(parse_qs(url.partition("?")[2])), form["url"], sorted(form["fields"])))


if __name__ == "__main__":
    jobs = literal_eval(sys.stdin.read())
    json.dump([call(*job, **how) if job else presigned(**how) for *job, how in jobs], sys.stdout)
