"""The table's stream → the bus."""

import json
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.outbox import rows as adapter
from tests.aws import TABLE, AwsCalls, called_by
from tests.aws_events import boto, client_error
from tests.builders import customer_json, invoice_json
from tests.events import function, outbox, stream_event
from tests.gateway import Client
from tests.world import issue


def publish(event: dict[str, Any]) -> list[str]:
    with called_by("publish_outbox"):
        answer: Any = function("publish_outbox").declaration(event, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def published(aws: AwsCalls) -> list[dict[str, str]]:
    return [entry for call in aws.calls if call.name == "events:PutEvents" for entry in call.params["Entries"]]


def test_each_timeline_entry_is_published_once(api: Client, aws: AwsCalls) -> None:
    for _ in range(12):
        api.post("/invoices", invoice_json()).ok(201)
    assert all("GSI7PK" in row for row in outbox())
    assert publish(stream_event(outbox())) == []
    assert [(one["Source"], one["DetailType"]) for one in published(aws)] == [("invoicing", "invoice.created")] * 12
    assert not [row for row in outbox() if "GSI7PK" in row]
    assert [len(call.params["Entries"]) for call in aws.calls if call.name == "events:PutEvents"] == [10, 2]


def test_other_changes_of_the_table_are_not_published(api: Client, aws: AwsCalls) -> None:
    api.post("/invoices", invoice_json()).ok(201)
    assert publish(stream_event(outbox(), "MODIFY")) == []
    assert published(aws) == []


def test_events_that_the_bus_rejects_stay_in_the_outbox(
    api: Client, aws: AwsCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post("/invoices", invoice_json()).ok(201)

    class FullBus:
        def put_events(self, Entries: list[object]) -> dict[str, object]:  # noqa: N803 — botocore's name
            return {"FailedEntryCount": len(Entries), "Entries": [{"ErrorCode": "ThrottlingException"}] * len(Entries)}

    monkeypatch.setattr(adapter, "client", lambda _: FullBus())
    assert publish(stream_event(outbox())) == [f"{1:021d}"]
    assert all("GSI7PK" in row for row in outbox())


def test_batches_are_limited_by_bytes_too() -> None:
    rows = [{"detail": {"S": "x" * 100_000}} for _ in range(5)]
    assert [len(batch) for batch in adapter._batches(rows)] == [2, 2, 1]


def answering(monkeypatch: pytest.MonkeyPatch, refused: str, *, code: str) -> None:
    """A bus that refuses the events of this type; with `ValidationException` it refuses the whole call."""
    bus = client("events")
    takes = bus.put_events

    def put_events(**asked: Any) -> Any:
        wrong = [entry["DetailType"] == refused for entry in asked["Entries"]]
        if any(wrong) and code == "ValidationException":
            raise client_error("PutEvents", 400, code)
        answer = takes(**asked)
        entries = [{"ErrorCode": code} if bad else one for bad, one in zip(wrong, answer["Entries"], strict=True)]
        return {"FailedEntryCount": sum(wrong), "Entries": entries}

    monkeypatch.setattr(bus, "put_events", put_events)


def put_aside() -> list[dict[str, Any]]:
    return [row for row in outbox() if row.get("GSI7PK") == {"S": "OUTBOX#ASIDE"}]


@pytest.mark.parametrize("code", ["ValidationException", "MalformedDetail"])
def test_a_permanently_refused_event_blocks_no_other(
    api: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    for _ in range(3):
        api.post("/invoices", invoice_json()).ok(201)
    api.post("/customers", customer_json()).ok(201)
    answering(monkeypatch, "customer.created", code=code)
    capsys.readouterr()
    assert publish(stream_event(outbox())) == []
    [row] = put_aside()
    # The operator finds the complete event in its row.
    assert json.loads(row["detail"]["S"])["type"] == "customer.created"
    assert not [one for one in outbox() if "GSI7PK" in one and one != row]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [counted] = [line for line in lines if "UnpublishableEvents" in line]
    assert (counted["UnpublishableEvents"], counted["event"]) == ([1.0], "customer.created")


def test_an_older_event_that_is_too_large_is_set_aside(api: Client, aws: AwsCalls) -> None:
    for _ in range(2):
        api.post("/invoices", invoice_json()).ok(201)
    large, other = outbox()
    large["detail"] = {"S": json.dumps({"text": "x" * 284_000})}
    boto("dynamodb").put_item(TableName=TABLE, Item=large)
    assert publish(stream_event([large, other])) == []
    assert [row["SK"] for row in put_aside()] == [large["SK"]]
    assert len(published(aws)) == 1


def test_an_event_of_a_deleted_row_blocks_no_other(api: Client, aws: AwsCalls) -> None:
    for _ in range(2):
        api.post("/invoices", invoice_json()).ok(201)
    rows = outbox()
    boto("dynamodb").delete_item(TableName=TABLE, Key={"PK": rows[0]["PK"], "SK": rows[0]["SK"]})
    assert publish(stream_event(rows)) == []
    assert len(published(aws)) == 2
    assert not [row for row in outbox() if "GSI7PK" in row]


def test_restored_entries_are_not_published_again(api: Client, aws: AwsCalls) -> None:
    api.post("/invoices", invoice_json()).ok(201)
    [row] = outbox()
    assert publish(stream_event([row])) == []
    [restored] = outbox()
    api.post("/customers", customer_json()).ok(201)
    other = next(one for one in outbox() if one["SK"] != row["SK"])
    assert publish(stream_event([restored, other])) == []
    assert [one["DetailType"] for one in published(aws)] == ["invoice.created", "customer.created"]


def test_the_business_is_counted_by_its_events(api: Client, capsys: pytest.CaptureFixture[str]) -> None:
    issue(api)
    capsys.readouterr()
    assert publish(stream_event(outbox())) == []
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["DocumentsIssued"] for line in lines if "DocumentsIssued" in line] == [[1.0]]
    # An event that is on the bus already is not counted again.
    assert publish(stream_event(outbox())) == []
    assert "DocumentsIssued" not in capsys.readouterr().out
