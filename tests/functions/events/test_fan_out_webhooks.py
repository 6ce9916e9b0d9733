"""Each event to the endpoints that subscribe to it: one delivery for each."""

import json

from tests.aws import AwsCalls
from tests.events import deliver, details
from tests.gateway import Client
from tests.webhooks import customers, deliveries, listen


def test_an_endpoint_gets_one_delivery_of_an_event(api: Client, stranger: Client) -> None:
    full, thin = listen(api, "https://example.com/"), listen(api, "https://example.org/", payload="thin")
    other, foreign = listen(api, None, events=["invoice.*"]), listen(stranger, None)
    [event] = customers(api, 1)
    assert deliver("fan_out_webhooks", *details("customer.created")) == []
    [delivery] = deliveries(api, full)
    assert delivery["id"] == event.replace("evt_", "dlv_")
    assert (delivery["event"], delivery["status"]) == ({"id": event, "type": "customer.created"}, "pending")
    assert delivery["next_attempt_at"] is not None
    assert len(deliveries(api, thin)) == 1
    assert deliveries(api, other) == deliveries(stranger, foreign) == []


def test_a_new_endpoint_gets_the_next_event(api: Client, aws: AwsCalls) -> None:
    with aws.only("fan_out_webhooks") as calls:
        customers(api, 1)
        endpoint = listen(api, None)
        customers(api, 1)
    assert len(deliveries(api, endpoint)) == 1
    assert calls.names["dynamodb:Query"] == 2
    assert calls.names["dynamodb:PutItem"] == 1
    assert calls.names["sqs:SendMessage"] == 0


def test_a_push_is_queued_in_the_lane_of_its_object(api: Client, aws: AwsCalls) -> None:
    endpoint = listen(api, "https://example.com/", parallel=10)
    customer = api.post("/customers", {"type": "company", "name": "A"}).ok(201)["id"]
    api.patch(f"/customers/{customer}", {"name": "B"}).ok()
    with aws.only("fan_out_webhooks") as calls:
        assert deliver("fan_out_webhooks", *details("customer.created", "customer.updated")) == []
    sent = [call.params for call in calls.calls if call.name == "sqs:SendMessage"]
    assert len({one["MessageGroupId"] for one in sent}) == 1
    assert len({one["MessageDeduplicationId"] for one in sent}) == 2
    assert {json.loads(one["MessageBody"])["endpoint_id"] for one in sent} == {endpoint["id"]}
