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
_INVALID_WRITE = frozenset({"ValidationError", "ItemCollectionSizeLimitExceeded"})
_INVALID_ENTRY = frozenset({"InvalidArgument", "MalformedDetail"})
_INVALID_MAIL = frozenset({"MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"})
_SENDING_STOPPED = frozenset({"AccountSuspendedException", "LimitExceededException", "SendingPausedException"})
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


def request_invalid(error: ClientError) -> bool:
    """Whether the service rejects the request as it is. Sending it again does not help."""
    return code_of(error) == "ValidationException"


def content_rejected(error: Exception) -> bool:
    """Whether DynamoDB never accepts the content of a write, alone or in a transaction that it therefore canceled."""
    return isinstance(error, ClientError) and (
        request_invalid(error) or any(map(write_invalid, cancellation_reasons(error)))
    )


def condition_failed(error: ClientError) -> bool:
    """Whether the item did not meet the condition of a single write."""
    return code_of(error) == "ConditionalCheckFailedException"


def transaction_canceled(error: ClientError) -> bool:
    """Whether DynamoDB canceled a transaction; `cancellation_reasons` has the reasons."""
    return code_of(error) == "TransactionCanceledException"


def is_conflict(error: Exception) -> bool:
    """Whether a transaction was changing the same item at that moment."""
    return isinstance(error, ClientError) and code_of(error) == "TransactionConflictException"


def object_missing(error: ClientError) -> bool:
    """Whether S3 has no such object. Without permission to list the bucket, S3 responds with AccessDenied instead.

    Files are rejected for that, so only the code of S3 counts: a bare 404, as in responses to HeadObject, may come from
    a proxy.
    """
    return code_of(error) == "NoSuchKey"


def head_missing(error: ClientError) -> bool:
    """Whether S3 responded to HeadObject that there is no such object. That response has no code, only its status."""
    return code_of(error) == "404"


def already_stored(error: ClientError) -> bool:
    """Whether S3 already has an object under the key of a new one (`If-None-Match: *`)."""
    return code_of(error) == "PreconditionFailed"


def mail_invalid(error: ClientError) -> bool:
    """Whether SES will not send this mail, now or later."""
    return code_of(error) in _INVALID_MAIL


def sending_stopped(code: str) -> bool:
    """Whether SES refuses all mails of the account for now, by the code of its error."""
    return code in _SENDING_STOPPED


def entry_invalid(entry: Mapping[str, Any]) -> bool:
    """Whether EventBridge will never accept an entry, by the result of PutEvents for it."""
    return entry.get("ErrorCode") in _INVALID_ENTRY


def cancellation_reasons(error: ClientError) -> Sequence[Mapping[str, Any]]:
    """Why a transaction was canceled: a reason for each of its writes, in order."""
    found: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", ())
    return found


def condition_canceled(reason: Mapping[str, Any]) -> bool:
    """Whether a transaction was canceled because the item of this write did not meet its condition."""
    return reason.get("Code") == "ConditionalCheckFailed"


def write_invalid(reason: Mapping[str, Any]) -> bool:
    """Whether a transaction was canceled because DynamoDB never accepts this write, such as one that is too large."""
    return reason.get("Code") in _INVALID_WRITE


def rejected_item(error: ClientError) -> dict[str, Any] | None:
    """The item that did not meet a write's condition, if the write requested it."""
    response: Mapping[str, Any] = error.response
    return response.get("Item")
