"""Waiting before something is tried again."""

import random
import time
from datetime import UTC, datetime


def rest(longest: float) -> None:
    """Wait for up to so many seconds, as chance has it: who got in each other's way is not to meet there again."""
    time.sleep(random.uniform(0, longest))  # noqa: S311 — no secret


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
