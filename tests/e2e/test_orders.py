"""Orders on the embedded stack: events of another service, and concurrent requests to invoice one."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import boto3
import httpx
import pytest

from infra.local.stack import Stack
from tests.builders import customer_json, invoice_json, line_json, order_json
from tests.e2e.test_races import at_once, post
from tests.e2e.waiting import until

pytestmark = pytest.mark.system


@pytest.fixture
def tell(stack: Stack, aws: boto3.Session) -> Callable[..., None]:
    """Put events on the bus as the order system does, ten per call."""
    client: Any = aws.client("events", endpoint_url=stack.aws.url)

    def put(type_: str, *orders: dict[str, Any]) -> None:
        entries = [
            {
                "EventBusName": stack.outputs["BusName"],
                "Source": "orders",
                "DetailType": type_,
                "Detail": json.dumps({"tenant_id": stack.tenant_id, "order": order}),
            }
            for order in orders
        ]
        for start in range(0, len(entries), 10):
            answer = client.put_events(Entries=entries[start : start + 10])
            assert answer["FailedEntryCount"] == 0

    return put


def order_of(name: str, **fields: Any) -> dict[str, Any]:
    given = {"external_id": name, "customer_external_id": "K-e2e", "currency": "EUR", "lines": [line_json()]}
    return {**given, **fields}


def waiting(stack: Stack, aws: boto3.Session, function: str) -> tuple[list[dict[str, Any]], int]:
    """The messages in a consumer's dead-letter queue, and the number of messages in its own queue."""
    lambda_: Any = aws.client("lambda", endpoint_url=stack.aws.url)
    sqs: Any = aws.client("sqs", endpoint_url=stack.aws.url)
    name = f"invoicing-local-{function}"
    environment = lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    asked = {"MessageAttributeNames": ["All"], "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
    dead = sqs.receive_message(QueueUrl=environment["DEAD_LETTERS_URL"], **asked).get("Messages", [])
    [mapping] = lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    queue = sqs.get_queue_url(QueueName=mapping["EventSourceArn"].rpartition(":")[2])["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return dead, sum(int(count) for count in counts.values())


def test_repeated_order_events_create_one_draft_each(
    api: httpx.Client, stack: Stack, aws: boto3.Session, tell: Callable[..., None]
) -> None:
    """Each delivery is a separate event for EventBridge. Several workers process them concurrently."""
    api.post("/customers", json=customer_json(external_id="K-e2e")).raise_for_status()
    names = [f"SO-{number}" for number in range(4)]
    tell("order.completed", *(order_of(name) for _ in range(5) for name in names))

    def drafts() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api.get("/invoices", params={"origin": "event", "limit": 100}).json()["data"]
        return found

    assert until(lambda: len(drafts()) >= len(names))
    assert until(lambda: waiting(stack, aws, "invoice_completed_order")[1] == 0)
    assert len(drafts()) == len(names)
    orders = {one["id"]: one for one in api.get("/orders").json()["data"]}
    assert sorted(orders[draft["order_id"]]["external_id"] for draft in drafts()) == names
    assert all(orders[draft["order_id"]]["invoice_ids"] == [draft["id"]] for draft in drafts())

    tell("order.canceled", {"external_id": "SO-0"}, {"external_id": "SO-0"})
    assert until(lambda: len(drafts()) == len(names) - 1)
    [canceled] = api.get("/orders", params={"external_id": "SO-0"}).json()["data"]
    assert (canceled["status"], canceled["invoice_ids"]) == ("canceled", [])


def test_a_malformed_order_goes_to_the_dlq_with_the_reason(
    stack: Stack, aws: boto3.Session, tell: Callable[..., None]
) -> None:
    tell("order.completed", order_of("SO-bad", lines=[line_json(price_base_quantity="0")]))
    [message] = until(lambda: waiting(stack, aws, "invoice_completed_order")[0])
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes["code"] == "VALIDATION_ERROR"
    assert attributes["reason"].startswith("/order/lines/0/price_base_quantity: ")
    assert json.loads(message["Body"])["detail"]["order"]["external_id"] == "SO-bad"


def test_concurrent_requests_for_an_order_create_one_draft(stack: Stack, api: httpx.Client) -> None:
    customer = api.post("/customers", json=customer_json()).json()["id"]
    order = api.post("/orders", json=order_json(customer_id=customer)).json()["id"]
    answers = at_once(stack, [post(f"/orders/{order}/invoices")] * 30)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 29}
    codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert codes <= {"ORDER_ALREADY_INVOICED", "CONCURRENT_MODIFICATION"}
    assert len(api.get("/invoices", params={"order_id": order}).json()["data"]) == 1


def test_a_customer_with_a_new_draft_is_never_deleted(stack: Stack, api: httpx.Client) -> None:
    """No draft remains whose customer is deleted, and no draft is refused whose customer stays."""
    for _ in range(5):
        customer = api.post("/customers", json=customer_json()).json()["id"]
        drafts = [post("/invoices", invoice_json(customer_id=customer))] * 3
        deletion, *made = at_once(stack, [lambda client: client.delete(f"/customers/{customer}"), *drafts])  # noqa: B023
        kept = {answer.json()["id"] for answer in made if answer.status_code == 201}
        there = api.get(f"/customers/{customer}").status_code
        assert (deletion.status_code, there, bool(kept)) in {(204, 404, False), (409, 200, True)}
