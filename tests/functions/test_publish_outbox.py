"""The table's stream → the bus."""

from typing import Any

import pytest

from invoicing.adapters import outbox as adapter
from tests.aws import AwsCalls, called_by
from tests.builders import invoice_json
from tests.events import function, outbox, stream_event
from tests.gateway import Client


def publish(event: dict[str, Any]) -> list[str]:
    with called_by("publish_outbox"):
        answer: Any = function("publish_outbox").declaration(event, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def published(aws: AwsCalls) -> list[dict[str, str]]:
    return [entry for call in aws.calls if call.name == "events:PutEvents" for entry in call.params["Entries"]]


def test_each_entry_of_the_timeline_becomes_an_event_and_loses_its_mark(api: Client, aws: AwsCalls) -> None:
    for _ in range(12):
        api.post("/invoices", invoice_json()).ok(201)
    assert all("GSI7PK" in row for row in outbox())
    assert publish(stream_event(outbox())) == []
    assert [(one["Source"], one["DetailType"]) for one in published(aws)] == [("invoicing", "invoice.created")] * 12
    assert not [row for row in outbox() if "GSI7PK" in row]
    assert [len(call.params["Entries"]) for call in aws.calls if call.name == "events:PutEvents"] == [10, 2]


def test_other_changes_of_the_table_are_no_events(api: Client, aws: AwsCalls) -> None:
    api.post("/invoices", invoice_json()).ok(201)
    assert publish(stream_event(outbox(), "MODIFY")) == []
    assert published(aws) == []


def test_what_the_bus_does_not_take_is_named_and_stays_in_the_outbox(
    api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post("/invoices", invoice_json()).ok(201)

    class FullBus:
        def put_events(self, Entries: list[object]) -> dict[str, object]:  # noqa: N803 — botocore's name
            return {"FailedEntryCount": len(Entries), "Entries": [{"ErrorCode": "ThrottlingException"}] * len(Entries)}

    monkeypatch.setattr(adapter, "client", lambda _: FullBus())
    assert publish(stream_event(outbox())) == [f"{1:021d}"]
    assert all("GSI7PK" in row for row in outbox())


def test_batches_are_cut_by_bytes_too() -> None:
    rows = [{"detail": {"S": "x" * 100_000}} for _ in range(5)]
    assert [len(batch) for batch in adapter._batches(rows)] == [2, 2, 1]
