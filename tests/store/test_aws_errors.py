"""The meaning of AWS errors."""

from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from botocore.retries import standard

from invoicing.aws.errors import (
    AWS_FAULTS,
    THROTTLED,
    TIMED_OUT,
    already_stored,
    condition_failed,
    entry_invalid,
    head_missing,
    is_conflict,
    mail_invalid,
    object_missing,
    outcome_unknown,
    request_invalid,
    retryable,
    sending_stopped,
    transaction_canceled,
)
from tests.aws_events import client_error

AT: Any = {"endpoint_url": "https://aws.example", "error": "x"}


@pytest.mark.parametrize("error", [EndpointConnectionError(**AT), ConnectTimeoutError(**AT)])
def test_without_a_connection_the_call_was_not_executed(error: Exception) -> None:
    assert isinstance(error, AWS_FAULTS)
    assert retryable(error)
    assert not outcome_unknown(error)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionClosedError(**AT),
        ReadTimeoutError(**AT),
        SSLError(**AT),
        ResponseParserError("x"),
        client_error("PutItem", 500, "InternalServerError"),
        client_error("PutItem", 503, "ThrottlingException"),
    ],
)
def test_without_a_response_the_call_may_have_been_executed(error: Exception) -> None:
    assert isinstance(error, AWS_FAULTS)
    assert retryable(error)
    assert outcome_unknown(error)


@pytest.mark.parametrize("code", sorted(THROTTLED | TIMED_OUT))
def test_a_throttled_request_was_not_executed_and_is_retryable(code: str) -> None:
    error = client_error("PutItem", 400, code)
    assert retryable(error)
    assert not outcome_unknown(error)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException", "TransactionConflictException"])
def test_a_refused_request_is_not_retryable(code: str) -> None:
    error = client_error("PutItem", 400, code)
    assert not retryable(error)
    assert is_conflict(error) is (code == "TransactionConflictException")


@pytest.mark.parametrize("error", [NoCredentialsError(), ParamValidationError(report="x"), ValueError("x")])
def test_a_mistake_in_the_parameters_is_no_fault_of_aws(error: Exception) -> None:
    assert not isinstance(error, AWS_FAULTS)
    assert not retryable(error)
    assert not outcome_unknown(error)
    assert not is_conflict(error)


@pytest.mark.parametrize(("code", "missing"), [("NoSuchKey", True), ("404", False), ("NoSuchBucket", False)])
def test_an_object_is_missing_but_a_missing_bucket_is_a_fault(code: str, missing: bool) -> None:
    assert object_missing(client_error("GetObject", 404, code)) is missing


PREDICATES = {
    "ConditionalCheckFailedException": condition_failed,
    "TransactionCanceledException": transaction_canceled,
    "TransactionConflictException": is_conflict,
    "ValidationException": request_invalid,
    "NoSuchKey": object_missing,
    "404": head_missing,
    "PreconditionFailed": already_stored,
    "MessageRejected": mail_invalid,
}


@pytest.mark.parametrize("code", PREDICATES)
def test_a_code_has_one_meaning(code: str) -> None:
    error = client_error("X", 400, code)
    assert [one for one, holds in PREDICATES.items() if holds(error)] == [code]


def test_only_an_invalid_entry_leaves_the_outbox() -> None:
    assert entry_invalid({"ErrorCode": "MalformedDetail"})
    assert not entry_invalid({"ErrorCode": "ThrottlingException"})
    assert not entry_invalid({"EventId": "1"})


def test_a_refused_mail_does_not_stop_the_account() -> None:
    assert sending_stopped("SendingPausedException")
    assert not sending_stopped("MessageRejected")


def test_all_that_botocore_retries_is_retryable() -> None:
    transient: Any = standard.TransientRetryableChecker
    throttled: Any = standard.ThrottledRetryableChecker
    assert {*transient._TRANSIENT_ERROR_CODES, *throttled._THROTTLED_ERROR_CODES} <= THROTTLED | TIMED_OUT
    assert all(retryable(client_error("X", status, "x")) for status in transient._TRANSIENT_STATUS_CODES)
    assert all(issubclass(one, AWS_FAULTS) for one in transient._TRANSIENT_EXCEPTION_CLS)
