"""The services that speak JSON, each a client with botocore's names for what can be asked of it."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from invoicing.adapters.aws.connection import Reply
from invoicing.adapters.aws.errors import AwsError, NoAnswer
from invoicing.adapters.aws.request import SECONDS, TIMES, Request, answer_to, origin

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

Service = Literal["dynamodb", "events", "sesv2", "sqs", "ssm"]


class Dialect(NamedTuple):
    """How a service is spoken to: an operation is named by a header that begins with `target`, or by its path."""

    host: str
    signed_as: str
    target: str | None = None
    version: str = "1.0"
    paths: Mapping[str, str] = {}
    seconds: float = SECONDS
    times: int = TIMES


DIALECTS: dict[Service, Dialect] = {
    "dynamodb": Dialect("dynamodb", "dynamodb", target="DynamoDB_20120810"),
    "events": Dialect("events", "events", target="AWSEvents", version="1.1"),
    "sqs": Dialect("sqs", "sqs", target="AmazonSQS"),
    "ssm": Dialect("ssm", "ssm", target="AmazonSSM", version="1.1"),
    # SES mails again what it is asked again: a lost answer goes back to the queue, once, and is not repeated here.
    "sesv2": Dialect("email", "ses", paths={"SendEmail": "/v2/email/outbound-emails"}, seconds=20, times=1),
}


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["events"]) -> "EventBridgeClient": ...
@overload
def client(service: Literal["sesv2"]) -> "SESV2Client": ...
@overload
def client(service: Literal["sqs"]) -> "SQSClient": ...
@overload
def client(service: Literal["ssm"]) -> "SSMClient": ...
def client(service: Service) -> Any:
    """The client of a service, for the region and credentials of the environment."""
    return _client(service)


@cache
def _client(service: Service) -> "Client":
    return Client(service)


class Client:
    """Each operation is a method: `put_item(**what)` asks for PutItem."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._dialect = DIALECTS[service]

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        if method.startswith("_"):
            raise AttributeError(method)
        operation = "".join(word.capitalize() for word in method.split("_"))
        return partial(self._asked, operation)

    def _asked(self, operation: str, **said: Any) -> dict[str, Any]:
        return self.ask(operation, said)

    def ask(self, operation: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of an operation."""
        if operation == "TransactWriteItems":
            # If it is sent again, DynamoDB knows that it was done.
            said = {"ClientRequestToken": secrets.token_hex(16), **said}
        content = json.dumps(said, separators=(",", ":"), default=_base64).encode()
        reply = answer_to(self._request(operation, content), partial(_refusal, operation))
        return _read(reply)

    def _request(self, operation: str, content: bytes) -> Request:
        spoken = self._dialect
        if spoken.target:
            named = {"x-amz-target": f"{spoken.target}.{operation}"}
            path, headers = "/", {"content-type": f"application/x-amz-json-{spoken.version}", **named}
        else:
            path, headers = spoken.paths[operation], {"content-type": "application/json"}
        return Request(
            spoken.signed_as,
            "POST",
            origin(spoken.host),
            path,
            headers=headers,
            content=content,
            seconds=spoken.seconds,
            times=spoken.times,
        )


def _base64(content: object) -> str:
    if not isinstance(content, bytes):
        raise TypeError(f"{type(content).__name__} has no form in JSON")
    return base64.b64encode(content).decode()


def _with_bytes(found: dict[str, Any]) -> dict[str, Any]:
    """DynamoDB's binary values (`B`; sets of them are not used) as bytes."""
    if len(found) == 1 and isinstance(found.get("B"), str):
        return {"B": base64.b64decode(found["B"])}
    return found


def _read(reply: Reply) -> dict[str, Any]:
    try:
        found = json.loads(reply.content or b"{}", object_hook=_with_bytes)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        # Whatever stands between us and the service answers as it likes.
        raise NoAnswer(f"not as the service answers: {reply.status} {reply.content[:200]!r}")
    return found


def _refusal(operation: str, reply: Reply) -> AwsError:
    try:
        said = _read(reply)
    except NoAnswer as error:
        said = {"message": str(error)}
    named = reply.headers.get("x-amzn-errortype") or said.get("__type") or str(reply.status)
    code = str(named).partition(":")[0].rpartition("#")[2]
    return AwsError(operation, reply.status, code, said, reply.headers.get("x-amzn-requestid", ""))
