"""What all tests share: the environment of a Lambda, and AWS in this process."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import pytest

from invoicing import clock, config
from tests import builders


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a real account, and none sees what another one's environment was."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "invoicing")
    config.setting.cache_clear()


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = builders.NOON


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the service: noon of 10 March 2026 until a test moves it."""
    set_ = Clock()
    monkeypatch.setattr(clock, "now", lambda: set_.now)
    return set_


@pytest.fixture
def secret() -> str:
    """A fresh API key."""
    return "ik_test_" + secrets.token_urlsafe(32)
