"""Every hour: each tenant is told by itself."""

import json
from typing import Any

import pytest

from invoicing.adapters import hours
from invoicing.adapters.dynamodb import keys
from invoicing.adapters.dynamodb.records import keyed
from invoicing.adapters.outbox import NotPublished
from invoicing.aws.clients import client
from invoicing.domain.ids import new_id
from tests.aws import TABLE, AwsCalls, called_by
from tests.builders import NOON
from tests.events import function


@pytest.fixture
def tenants(aws: AwsCalls) -> list[str]:
    """Twelve companies."""
    found = [new_id("ten", NOON) for _ in range(12)]
    for one in found:
        client("dynamodb").put_item(TableName=TABLE, Item=keyed(keys.tenants(one), "tenant_entry"))
    return found


def begin() -> None:
    with called_by("begin_hour"):
        function("begin_hour").declaration({}, None)


def test_each_tenant_is_told_by_itself(tenants: list[str], aws: AwsCalls) -> None:
    begin()
    calls = [call.params["Entries"] for call in aws.calls if call.name == "events:PutEvents"]
    assert [len(entries) for entries in calls] == [10, 2]
    told = [entry for entries in calls for entry in entries]
    assert sorted(json.loads(entry["Detail"])["tenant_id"] for entry in told) == sorted(tenants)
    assert {(entry["Source"], entry["DetailType"]) for entry in told} == {("invoicing.hours", "hour.began")}


@pytest.mark.usefixtures("tenants")
def test_what_the_bus_does_not_take_is_a_failure_and_the_others_are_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    class FullBus:
        def put_events(self, Entries: list[Any]) -> dict[str, int]:  # noqa: N803 — botocore's name
            told.append(len(Entries))
            return {"FailedEntryCount": 1 if len(told) == 1 else 0}

    monkeypatch.setattr(hours, "client", lambda service: FullBus() if service == "events" else client(service))
    with pytest.raises(NotPublished):
        begin()
    assert told == [10, 2]
