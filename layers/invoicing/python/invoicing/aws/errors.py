"""The meaning of AWS errors for the caller. No other module interprets them.

A service that responds with an error raises `ClientError`. If no response arrives, one of `NO_ANSWER` is raised; after
retries it is the error of the last attempt, so only a client with a single attempt knows that nothing was sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError as ClientError
from botocore.exceptions import (
    ConnectionError,  # noqa: A004 — botocore's name
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ProxyConnectionError,
)
from botocore.parsers import ResponseParserError

NO_RESPONSE: tuple[type[Exception], ...] = (ConnectionError, HTTPClientError, IncompleteReadError, ResponseParserError)
"""No response arrived, or only a part of it. AWS may have carried out the request."""
AWS_FAULTS: tuple[type[Exception], ...] = (ClientError, *NO_RESPONSE)
"""All errors of a call except mistakes in its parameters."""
_NOT_SENT = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
TIMED_OUT = frozenset({"RequestTimeout", "RequestTimeoutException"})
_SERVER_FAULT = 500


def code_of(error: ClientError) -> str:
    """The error code in the response of the service, such as `ConditionalCheckFailedException`."""
    return error.response["Error"]["Code"]


def message_of(error: ClientError) -> str:
    """The message of the service; empty if it gave none."""
    return error.response["Error"].get("Message", "")


def retryable(error: Exception) -> bool:
    """Whether the same request may succeed a moment later. botocore has retried it already."""
    if isinstance(error, ClientError):
        return outcome_unknown(error) or code_of(error) in THROTTLED | TIMED_OUT
    return isinstance(error, NO_RESPONSE)


def outcome_unknown(error: Exception) -> bool:
    """Whether AWS may have carried out the failed request: no response, or a fault of the service (5xx)."""
    if isinstance(error, ClientError):
        return error.response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_FAULT
    return isinstance(error, NO_RESPONSE) and not isinstance(error, _NOT_SENT)


def is_conflict(error: Exception) -> bool:
    """Whether a transaction was changing the same item at that moment."""
    return isinstance(error, ClientError) and code_of(error) == "TransactionConflictException"


def object_missing(error: ClientError) -> bool:
    """Whether S3 has no such object. Without permission to list the bucket, S3 responds with AccessDenied instead.

    Files are rejected for that, so only the code of S3 counts: a bare 404, as in responses to HeadObject, may come from
    a proxy.
    """
    return code_of(error) == "NoSuchKey"


def cancellation_reasons(error: ClientError) -> Sequence[Mapping[str, Any]]:
    """Why a transaction was canceled: a reason for each of its writes, in order."""
    found: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    return found


def rejected_item(error: ClientError) -> dict[str, Any] | None:
    """The item that did not meet a write's condition, if the write requested it."""
    response: Mapping[str, Any] = error.response
    return response.get("Item")
