"""events that change a balance → the changes of its month, and the open documents"""

from datetime import timedelta
from typing import Any

from tests.aws import TABLE
from tests.aws_events import boto
from tests.builders import rule_json
from tests.conftest import Clock
from tests.dunning import reach
from tests.events import deliver, details
from tests.gateway import Client

DELIVER = "record_balance"


def changes(api: Client, month: str) -> list[dict[str, Any]]:
    return _items(PartitionKey=f"T#{api.tenant_id}#BALANCES#{month}")


def open_documents(api: Client) -> list[dict[str, Any]]:
    return _items(IndexName="GSI1", PartitionKey=f"T#{api.tenant_id}#OPN")


def _items(PartitionKey: str, **more: Any) -> list[dict[str, Any]]:  # noqa: N803
    name = "GSI1PK" if more else "PK"
    found = boto("dynamodb").query(
        TableName=TABLE,
        KeyConditionExpression=f"{name} = :partition",
        ExpressionAttributeValues={":partition": {"S": PartitionKey}},
        **more,
    )
    return list(found["Items"])


def test_a_change_is_put_once_into_its_month(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now += timedelta(days=30)
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "19.00"}).ok(201)
    events = details("invoice.finalized", "invoice.payment_recorded")
    for event in [*events, *events]:
        assert deliver(DELIVER, event) == []
    assert [one["SK"]["S"] for one in changes(api, "2026-03")] == [f"{issued['customer_id']}#EUR#{events[0]['id']}"]
    [paid] = changes(api, "2026-04")
    assert '"after":{"payable":"119.00","paid":"19.00","due":"100.00"' in paid["data"]["S"]
    assert '"before":{"payable":"119.00","due":"119.00"}' in paid["data"]["S"]


def test_an_earlier_change_that_arrives_late_opens_nothing(api: Client, issued: dict[str, Any], at: Clock) -> None:
    at.now += timedelta(seconds=1)
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00"}).ok(201)
    [finalized], [paid] = details("invoice.finalized"), details("invoice.paid")
    assert deliver(DELIVER, paid) == []
    assert deliver(DELIVER, finalized) == []
    assert open_documents(api) == []
    assert len(changes(api, "2026-03")) == 2


def test_an_event_without_a_change_of_the_balance_puts_nothing(api: Client, issued: dict[str, Any]) -> None:
    api.post(f"/invoices/{issued['id']}/payments", {"amount": "119.00"}).ok(201)
    [recorded] = details("invoice.payment_recorded")
    assert deliver(DELIVER, recorded) == []
    assert changes(api, "2026-03") == []


def test_a_level_of_dunning_is_a_change(api: Client, issued: dict[str, Any], at: Clock) -> None:
    api.post("/dunning-rules", rule_json()).ok(201)
    at.now += timedelta(days=30)
    reach(api.tenant_id, issued["id"], at.now)
    assert deliver(DELIVER, *details("dunning.document_created")) == []
    [document] = open_documents(api)
    assert '"dunning_level":1' in document["data"]["S"]
