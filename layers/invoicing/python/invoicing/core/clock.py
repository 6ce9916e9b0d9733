"""The current time, and the wait before a retry."""

import random
import time
from datetime import UTC, datetime


def rest(longest: float) -> None:
    """Wait for a random time of up to so many seconds, so that conflicting writers do not meet again."""
    time.sleep(random.uniform(0, longest))  # noqa: S311 — no secret


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
