"""What goes out to AWS in this process: answered by the simulated AWS, and seen or changed by tests on its way."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.session import get_session
from moto.core.models import botocore_stubber

from invoicing.adapters.aws import request, s3
from invoicing.adapters.aws.clients import Client
from invoicing.adapters.aws.connection import Reply

_PREFIX = {"sesv2": "ses"}
"""What IAM calls a service, where that is not its own name."""


class MockRaw(BytesIO):
    """A body as botocore takes it from its HTTP library."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """The body in pieces."""
        yield self.read()


Between = Callable[[str, Mapping[str, Any], Callable[[], Any]], Any]
"""Gets the name of a call (`dynamodb:GetItem`), what is asked, and how to go on; returns what the caller gets."""


@cache
def boto(service: str) -> Any:
    """A client of botocore's, for what tests ask by themselves. Made once: it takes a third of a test."""
    return get_session().create_client(service, region_name="eu-central-1")


def answer_by_moto(patch: pytest.MonkeyPatch) -> None:
    """From here on no request leaves the process."""
    patch.setattr(request, "exchange", _simulated)


def _simulated(
    method: str, origin: str, target: str, headers: Mapping[str, str], content: bytes, *, seconds: float
) -> Reply:
    sent = AWSPreparedRequest(method, origin + target, HTTPHeaders(), content, stream_output=False)
    for name, value in headers.items():
        sent.headers[name] = value
    answer = botocore_stubber.process_request(sent)
    if answer is None:
        raise AssertionError(f"moto does not know {origin}")
    status, received, body = answer
    text = body.encode() if isinstance(body, str) else body
    return Reply(status, {name.lower(): str(value) for name, value in received.items()}, text)


def put_between(patch: pytest.MonkeyPatch, between: Between) -> None:
    """Have every call go through `between`. What is signed for others to use is a call too: `s3:GetObject:presign`."""
    ask, ask_s3, sign_url, sign_form = Client.ask, s3.ask, s3.presigned_url, s3.presigned_form

    def asked(self: Client, operation: str, said: Mapping[str, Any]) -> Any:
        name = f"{_PREFIX.get(self.service, self.service)}:{operation}"
        return between(name, said, lambda: ask(self, operation, said))

    def asked_s3(operation: str, method: str, location: s3.Location, **said: Any) -> Any:
        params = {"Bucket": location.bucket, "Key": location.key, **said}
        return between(f"s3:{operation}", params, lambda: ask_s3(operation, method, location, **said))

    def url_signed(location: s3.Location, query: Mapping[str, str], *, seconds: int) -> Any:
        return between("s3:GetObject:presign", {}, lambda: sign_url(location, query, seconds=seconds))

    def form_signed(location: s3.Location, *said: Any, seconds: int) -> Any:
        return between("s3:PutObject:presign", {}, lambda: sign_form(location, *said, seconds=seconds))

    patch.setattr(Client, "ask", asked)
    patch.setattr(s3, "ask", asked_s3)
    patch.setattr(s3, "presigned_url", url_signed)
    patch.setattr(s3, "presigned_form", form_signed)
