"""What may come of asking AWS for something."""

from collections.abc import Mapping
from typing import Any

SLOW_DOWN = frozenset(
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
"""What AWS answers to those who ask too often, or for the same at once."""
TOO_SLOW = frozenset({"RequestTimeout", "RequestTimeoutException"})
"""What it answers where a request came to a halt on its way."""
_FAULT = 500
"""From this status on it was not the request that was wrong."""


class AwsFault(Exception):
    """It was not done, or nobody knows. What `passes` may succeed in a moment, of about `wait` seconds."""

    passes: bool
    contended: bool = False
    """Whether a transaction was at the same thing at that moment."""
    wait: float = 0.2


class AwsError(AwsFault):
    """AWS says no: `code` is its word for why, `said` what came with it."""

    def __init__(
        self, operation: str, status: int, code: str, said: Mapping[str, Any] | None = None, request_id: str = ""
    ) -> None:
        self.status = status
        self.code = code
        self.said: Mapping[str, Any] = said or {}
        message = self.said.get("message") or self.said.get("Message") or ""
        # By its id AWS's support finds a request.
        super().__init__(" ".join(filter(None, (f"{operation}: {code}", message, request_id and f"[{request_id}]"))))
        self.passes = self.unsettled or code in SLOW_DOWN | TOO_SLOW
        self.contended = code == "TransactionConflictException"
        self.wait = 1.0 if code in SLOW_DOWN else AwsFault.wait

    @property
    def unsettled(self) -> bool:
        """Whether AWS failed, so that nobody can say what became of the request."""
        return self.status >= _FAULT


class NoAnswer(AwsFault):
    """No answer came: what was asked was done, or was not."""

    passes = True


class NotSent(NoAnswer):
    """No connection came about: what was asked was certainly not done."""
