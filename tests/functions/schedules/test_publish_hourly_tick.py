"""Every hour: the first part of the tenants is requested, for any number of tenants."""

import json
from typing import Any

import pytest

from invoicing.outbox import hourly_tick
from invoicing.outbox.rows import NotPublished
from tests.aws import AwsCalls, called_by
from tests.conftest import Clock
from tests.events import function


def begin() -> None:
    with called_by("publish_hourly_tick"):
        function("publish_hourly_tick").declaration({}, None)


def test_the_first_part_is_requested_with_one_call(aws: AwsCalls, at: Clock) -> None:
    begin()
    [call] = aws.calls
    [entry] = call.params["Entries"]
    assert (entry["Source"], entry["DetailType"]) == ("invoicing.hours", "hour.part_requested")
    assert json.loads(entry["Detail"]) == {"occurred_at": "2026-03-10T12:00:00.000Z", "after": None, "tenants": []}


def test_an_hour_that_the_bus_refuses_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    class FullBus:
        def put_events(self, Entries: list[Any]) -> dict[str, int]:  # noqa: N803 — botocore's name
            return {"FailedEntryCount": len(Entries)}

    monkeypatch.setattr(hourly_tick, "client", lambda _: FullBus())
    with pytest.raises(NotPublished):
        begin()
