"""Every minute: the deliveries that are due are queued."""

from datetime import timedelta

from tests.aws import ENVIRONMENT, AwsCalls, called_by
from tests.aws_events import boto
from tests.conftest import Clock
from tests.events import function
from tests.gateway import Client
from tests.webhooks import customers, listen


def test_a_delivery_whose_message_was_lost_is_queued_again(api: Client, aws: AwsCalls, at: Clock) -> None:
    listen(api, "https://example.com/")
    listen(api, None)
    customers(api, 2)
    boto("sqs").purge_queue(QueueUrl=ENVIRONMENT["WEBHOOK_QUEUE_URL"])
    at.now += timedelta(minutes=1)
    with called_by("retry_webhooks"), aws.only("retry_webhooks") as calls:
        function("retry_webhooks").declaration({}, None)
    assert calls.names["sqs:SendMessage"] == 2
