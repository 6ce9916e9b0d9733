"""What may come of asking AWS for something."""

from collections.abc import Mapping
from typing import Any

_SLOW_DOWN = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_FAULT = 500
"""From this status on it was not the request that was wrong."""


class AwsError(Exception):
    """AWS says no: `code` is its word for why, `said` what came with it."""

    def __init__(self, operation: str, status: int, code: str, said: Mapping[str, Any] | None = None) -> None:
        self.said: Mapping[str, Any] = said or {}
        self.status = status
        self.code = code
        super().__init__(f"{operation}: {code} {self.said.get('message') or self.said.get('Message') or ''}".rstrip())

    @property
    def unsettled(self) -> bool:
        """Whether AWS failed, so that nobody can say what became of the request."""
        return self.status >= _FAULT

    @property
    def passes(self) -> bool:
        """Whether the same may succeed in a moment."""
        return self.unsettled or self.code in _SLOW_DOWN


class NoAnswer(Exception):
    """No answer came: what was asked was done, or was not."""

    passes = True


class NotSent(NoAnswer):
    """No connection came about: what was asked was certainly not done."""
