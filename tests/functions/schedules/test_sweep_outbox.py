"""Every five minutes."""

from datetime import timedelta
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.consumers import batch as time_limit
from invoicing.core.ids import new_id
from invoicing.outbox import rows as adapter
from invoicing.outbox.rows import NotPublished, overdue_rows
from invoicing.store import keys
from tests.aws import TABLE, AwsCalls, called_by
from tests.aws_events import boto
from tests.builders import NOON, invoice_json
from tests.conftest import Clock
from tests.events import function, outbox
from tests.gateway import Client

LATER = NOON + timedelta(minutes=3)


def sweep() -> None:
    with called_by("sweep_outbox"):
        function("sweep_outbox").declaration({}, None)


def fill(tenant: str, number: int, *, first: int = 0) -> None:
    """Put rows into the outbox, each a millisecond after the row before."""
    for count in range(first, first + number):
        id_ = new_id("act", NOON + timedelta(milliseconds=count))
        place = keys.outbox(keys.outbox_shard(id_))
        item = {
            "PK": {"S": f"T#{tenant}#INV#inv_{count}"},
            "SK": {"S": f"ACT#{id_}"},
            "GSI7PK": {"S": place.partition},
            "GSI7SK": {"S": id_},
            "detail_type": {"S": "invoice.created"},
            "detail": {"S": "{}"},
        }
        boto("dynamodb").put_item(TableName=TABLE, Item=item)


def waiting() -> list[Any]:
    return [row for row in outbox() if "GSI7PK" in row]


def test_unpublished_events_are_published_after_two_minutes(api: Client, aws: AwsCalls, at: Clock) -> None:
    api.post("/invoices", invoice_json()).ok(201)
    sweep()
    assert aws.names["events:PutEvents"] == 0
    at.now += timedelta(minutes=2, seconds=1)
    sweep()
    sweep()
    assert aws.names["events:PutEvents"] == 1
    assert not waiting()


def test_a_run_publishes_until_its_time_is_up(aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_ROWS_A_PAGE", 10)
    fill("ten_a", 250)
    at.now = LATER
    sweep()
    assert not waiting()
    assert aws.names["events:PutEvents"] == 25


def test_the_next_run_continues_after_the_time_is_up(at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    fill("ten_a", 30)
    at.now = LATER
    ticks = iter(range(0, 100_000, 50))
    monkeypatch.setattr(time_limit, "monotonic", lambda: next(ticks))
    sweep()
    left = len(waiting())
    assert 0 < left < 30
    sweep()
    assert len(waiting()) < left


def test_a_busy_tenant_delays_no_other(aws: AwsCalls) -> None:
    fill("ten_busy", 100)
    fill("ten_quiet", 3, first=100)
    order = [row["PK"]["S"].split("#")[1] for row in overdue_rows(LATER, timedelta(0))]
    assert [place for place, tenant in enumerate(order) if tenant == "ten_quiet"] == [1, 3, 5]
    assert len(order) == 103


def test_a_bus_that_accepts_no_event_is_not_called_for_every_row(at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    fill("ten_a", 250)
    at.now = LATER
    asked = []

    def put_events(**params: Any) -> Any:
        asked.append(params)
        return {"Entries": [{"ErrorCode": "ThrottlingException"}] * len(params["Entries"])}

    monkeypatch.setattr(client("events"), "put_events", put_events)
    with pytest.raises(NotPublished):
        sweep()
    assert (len(asked), len(waiting())) == (10, 250)


def test_late_events_are_counted_for_the_alarm(aws: AwsCalls, at: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    fill("ten_1", 3)
    at.now = LATER
    sweep()
    assert '"LateEvents":[3.0]' in capsys.readouterr().out
    sweep()
    assert "LateEvents" not in capsys.readouterr().out
