"""A consumer in another system: a rule on the bus, a queue with a dead-letter queue, and a program that reads it.

`consume_events.py BUS`. It prints the number of each issued invoice once, until it is terminated. Credentials, region
and, for the local stack, `AWS_ENDPOINT_URL` come from the environment.
"""

import json
import sys
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

NAME = "issued-invoices"
PATTERN = {"source": ["invoicing"], "detail-type": ["invoice.finalized"]}


def main(bus: str) -> None:
    """Set up the queue, then print each event once."""
    sqs = boto3.client("sqs")
    queue = subscribed_queue(sqs, bus)
    # A real consumer keeps them with its data, in the same transaction: the same event can be delivered again.
    seen: set[str] = set()
    print("ready", flush=True)
    while True:
        received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5, MaxNumberOfMessages=10)
        for message in received.get("Messages", []):
            event = json.loads(message["Body"])["detail"]
            # Fields are added without notice. An event that breaks with this has another detail type.
            if event["id"] not in seen:
                print(event["data"]["details"]["number"], event["data"]["object"].get("total"), flush=True)
                seen.add(event["id"])
            # Only now: a message of a consumer that fails comes again, and after five times is a dead letter.
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def subscribed_queue(sqs: "SQSClient", bus: str) -> str:
    """A queue that gets the events, with a dead-letter queue for those that cannot be processed."""
    dead = sqs.create_queue(QueueName=f"{NAME}-failed")["QueueUrl"]
    redrive = {"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 5}
    queue = sqs.create_queue(QueueName=NAME, Attributes={"RedrivePolicy": json.dumps(redrive)})["QueueUrl"]
    events = boto3.client("events")
    rule = events.put_rule(Name=NAME, EventBusName=bus, EventPattern=json.dumps(PATTERN))["RuleArn"]
    may_send = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn_of(sqs, queue),
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may_send]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    events.put_targets(Rule=NAME, EventBusName=bus, Targets=[{"Id": NAME, "Arn": arn_of(sqs, queue)}])
    return queue


def arn_of(sqs: "SQSClient", queue: str) -> str:
    """The ARN of a queue."""
    return sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


if __name__ == "__main__":
    main(*sys.argv[1:])
