"""Observation and change of this process's AWS calls in tests, through botocore's own events.

Import it before the first client is made: botocore passes events and moto's responses only to later sessions.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import Any

import botocore
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError
from botocore.response import StreamingBody
from botocore.session import Session, get_session
from botocore.validate import ParamValidator
from moto.core import models as _moto

from tests.moto_items import skip_http

_CALL = "tests.call"
_VALIDATOR = ParamValidator()
_QUERY_SIGNED = ("-query", "-presign-post")


class Listener:
    """Observes every call of the service's clients. `name` is its name in IAM, such as `dynamodb:GetItem`.

    `before` and `after` may raise, like a call that fails before or after it was carried out.
    """

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        """A call begins, with the parameters that the caller gave."""

    def after(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        """A call got a response, which can be changed for the caller. None: no response came."""

    def presigned(self, name: str, signed: str) -> None:
        """A URL or the fields of a form were signed."""


_listeners: list[Listener] = []


@contextmanager
def listening[L: Listener](listener: L) -> Iterator[L]:
    """Pass every call in the context through the listener. Earlier listeners are closer to AWS."""
    _listeners.append(listener)
    try:
        yield listener
    finally:
        _listeners.remove(listener)


@cache
def boto(service: str) -> Any:
    """A client for calls of the tests themselves, which no listener observes.

    Created once, because that takes a third of a test.
    """
    session = get_session()
    for event, handler in _HANDLERS.items():
        session.unregister(event, handler)
    return session.create_client(service, region_name="eu-central-1")


LOST = ConnectionClosedError(endpoint_url="https://aws.example")
"""The request was sent, and the connection ended before its response arrived."""
NOT_SENT = EndpointConnectionError(endpoint_url="https://aws.example")
"""The connection failed."""


def client_error(operation: str, status: int, code: str, **more: Any) -> ClientError:
    """The error that a client raises if a service responds with this status and code."""
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(answer, operation)


def _before(params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    if context.get("is_presign_request"):
        return
    # The service's clients omit this; see invoicing/aws/clients.py.
    mistakes = _VALIDATOR.validate(params, model.input_shape)
    assert not mistakes.has_errors(), f"{model.name}: {mistakes.generate_report()}"
    name = f"{model.service_model.signing_name}:{model.name}"
    context[_CALL] = name, params
    for listener in reversed(_listeners):
        listener.before(name, params)


def _after(parsed: dict[str, Any], context: Mapping[str, Any], **_: Any) -> None:
    if isinstance(parsed.get("Body"), StreamingBody):
        parsed["Body"] = Content(parsed["Body"].read())
    name, params = context[_CALL]
    for listener in _listeners:
        listener.after(name, params, parsed)


def _failed(context: Mapping[str, Any], **_: Any) -> None:
    name, params = context[_CALL]
    for listener in _listeners:
        listener.after(name, params, None)


def _presigned(request: Any, signature_version: str, operation_name: str, signing_name: str, **_: Any) -> None:
    if signature_version.endswith(_QUERY_SIGNED):
        signed = f"{request.url} {request.context.get('s3-presign-post-fields', '')}"
        for listener in _listeners:
            listener.presigned(f"{signing_name}:{operation_name}", signed)


class Content(StreamingBody):
    """The body of an object, which tests may look at before the caller reads it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(BytesIO(content), len(content))
        self.content = content

    def __repr__(self) -> str:
        return repr(self.content)


_HANDLERS: dict[str, Any] = {
    "provide-client-params": _before,
    "after-call": _after,
    "after-call-error": _failed,
    "before-sign": _presigned,
}


def _follow(session: Session) -> None:
    skip_http(session)
    for event, handler in _HANDLERS.items():
        session.register(event, handler)


assert _moto.botocore_stubber, "moto has registered itself for the sessions that come"
botocore.register_initializer(_follow)
