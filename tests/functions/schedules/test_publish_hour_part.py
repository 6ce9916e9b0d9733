"""Each hour is published to every tenant, part by part; a fault repeats a part and stops no other."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import batched
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from invoicing.aws.clients import client
from invoicing.core.model import instant_text
from invoicing.outbox import hourly_tick
from invoicing.store.rows.items import keyed
from invoicing.tenants.table import entry_key
from tests.aws import TABLE, AwsCalls
from tests.conftest import Clock
from tests.events import deliver_hour_part

MOST_DELIVERIES = 5


class Bus:
    """Delivers the parts that are requested to their queue, and keeps the hours that were published to tenants."""

    def __init__(self) -> None:
        self.queue: list[str] = []
        self.reached: list[str] = []
        self.calls = 0
        self.poisoned: set[str] = set()
        self.down = 0
        self.answers_lost = 0

    def put_events(self, Entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803 — botocore's name
        self.calls += 1
        assert len(Entries) <= 10
        if self.down:
            self.down -= 1
            raise EndpointConnectionError(endpoint_url="https://events.example")
        results = [self._take(entry) for entry in Entries]
        if self.answers_lost:
            self.answers_lost -= 1
            raise EndpointConnectionError(endpoint_url="https://events.example")
        return {"Entries": results, "FailedEntryCount": sum("EventId" not in one for one in results)}

    def _take(self, entry: Mapping[str, Any]) -> dict[str, str]:
        detail = json.loads(entry["Detail"])
        if entry["DetailType"] == "hour.part_requested":
            self.queue.append(json.dumps({"detail": detail}))
        elif detail["tenant_id"] in self.poisoned:
            return {"ErrorCode": "InternalFailure"}
        else:
            self.reached.append(detail["tenant_id"])
        return {"EventId": "1"}

    def work_off(self) -> list[str]:
        """Deliver each part until it is done, at most as often as its queue does; returns the dead letters."""
        dead = []
        while self.queue:
            body = self.queue.pop(0)
            if not any(deliver_hour_part(body) == [] for _ in range(MOST_DELIVERIES)):
                dead.append(body)
        return dead


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    """The bus in place of EventBridge."""
    made = Bus()
    monkeypatch.setattr(hourly_tick, "client", lambda service: made if service == "events" else client(service))
    return made


def tenants(count: int) -> list[str]:
    """This number of companies."""
    ids = [f"ten_{number:026d}" for number in range(count)]
    items = [keyed(entry_key(one), "tenant_entry") for one in ids]
    for some in batched(items, 25, strict=False):
        client("dynamodb").batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": one}} for one in some]})
    return ids


def begin(at: Clock, bus: Bus) -> None:
    hourly_tick.publish_hourly_tick(at.now)
    assert len(bus.queue) == 1


def test_every_tenant_is_reached_once_in_parts(aws: AwsCalls, at: Clock, bus: Bus) -> None:
    expected = tenants(1_234)
    begin(at, bus)
    invocations = []
    while bus.queue:
        before = bus.calls
        with aws.only("publish_hour_part") as asked:
            assert deliver_hour_part(bus.queue.pop(0)) == []
        invocations.append((asked.names["dynamodb:Query"], bus.calls - before))
    assert sorted(bus.reached) == expected
    assert invocations == [(1, 51), (1, 51), (1, 24)]


@pytest.mark.slow
def test_twenty_thousand_tenants_are_reached(aws: AwsCalls, at: Clock, bus: Bus) -> None:
    expected = tenants(20_000)
    begin(at, bus)
    assert bus.work_off() == []
    assert sorted(bus.reached) == expected


@pytest.mark.usefixtures("aws")
def test_a_retry_repeats_one_part_and_not_the_hour(at: Clock, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hourly_tick, "TENANTS_A_PART", 20)
    expected = tenants(100)
    begin(at, bus)
    for _ in range(3):
        assert deliver_hour_part(bus.queue.pop(0)) == []
    bus.down = 3
    [fourth] = bus.queue
    assert deliver_hour_part(fourth) == ["0"]
    assert bus.work_off() == []
    assert sorted(bus.reached) == expected


@pytest.mark.usefixtures("aws")
def test_a_failing_tenant_delays_no_other(at: Clock, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hourly_tick, "TENANTS_A_PART", 20)
    expected = tenants(50)
    bus.poisoned = {expected[3]}
    begin(at, bus)
    [dead] = bus.work_off()
    assert json.loads(dead)["detail"]["tenants"] == [expected[3]]
    assert sorted(bus.reached) == [one for one in expected if one != expected[3]]


@pytest.mark.usefixtures("aws")
def test_an_entry_that_was_refused_once_is_published_again(
    at: Clock, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = tenants(30)
    bus.poisoned = {expected[3], expected[27]}
    begin(at, bus)
    assert deliver_hour_part(bus.queue.pop(0)) == []
    bus.poisoned = set()
    assert bus.work_off() == []
    assert sorted(bus.reached) == expected


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("fault", ["down", "answers_lost"])
@pytest.mark.parametrize("after", range(1, 12))
def test_every_tenant_is_served_whichever_call_fails(
    at: Clock, bus: Bus, monkeypatch: pytest.MonkeyPatch, fault: str, after: int
) -> None:
    monkeypatch.setattr(hourly_tick, "TENANTS_A_PART", 20)
    expected = tenants(50)
    begin(at, bus)
    put_events, calls = bus.put_events, 0

    def failing_once(Entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803 — botocore's name
        nonlocal calls
        calls += 1
        if calls == after:
            setattr(bus, fault, 1)
        return put_events(Entries)

    monkeypatch.setattr(bus, "put_events", failing_once)
    assert bus.work_off() == []
    assert set(bus.reached) == set(expected)
    assert len(bus.reached) <= 2 * len(expected)


@pytest.mark.usefixtures("aws")
def test_a_part_of_an_hour_that_is_over_is_dropped(at: Clock, bus: Bus) -> None:
    tenants(3)
    body = json.dumps({"detail": {"occurred_at": instant_text(at.now)}})
    at.now += timedelta(hours=1)
    assert deliver_hour_part(body) == []
    assert bus.calls == 0


@pytest.mark.usefixtures("aws")
def test_a_bus_that_accepts_no_event_is_called_three_times(at: Clock, bus: Bus) -> None:
    tenants(100)
    begin(at, bus)
    bus.down, before = 1_000, bus.calls
    assert deliver_hour_part(bus.queue.pop(0)) == ["0"]
    assert bus.calls - before == 3
