"""Rendering on the embedded stack: a document that cannot be rendered waits in a queue until the fault is fixed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
import pytest

from infra.local.stack import Stack
from tests.builders import customer_json, invoice_json
from tests.e2e.test_orders import waiting
from tests.e2e.waiting import until

pytestmark = pytest.mark.system

RENDERER = "invoicing-local-render_document"


@contextmanager
def without_files(lambda_: Any) -> Iterator[str]:
    """Lets the renderer fail to reach its bucket, with retries at once. Yields its queue's name."""
    variables = lambda_.get_function_configuration(FunctionName=RENDERER)["Environment"]["Variables"]
    [mapping] = lambda_.list_event_source_mappings(FunctionName=RENDERER)["EventSourceMappings"]
    nowhere = variables | {"FILES_BUCKET": "no-such-bucket"}
    lambda_.update_function_configuration(FunctionName=RENDERER, Environment={"Variables": nowhere})
    try:
        yield mapping["EventSourceArn"].rpartition(":")[2]
    finally:
        lambda_.update_function_configuration(FunctionName=RENDERER, Environment={"Variables": variables})


@pytest.mark.slow
def test_a_failed_rendering_succeeds_after_a_redrive(stack: Stack, api: httpx.Client, aws: boto3.Session) -> None:
    lambda_: Any = aws.client("lambda", endpoint_url=stack.aws.url)
    sqs: Any = aws.client("sqs", endpoint_url=stack.aws.url)
    customer = api.post("/customers", json=customer_json()).json()["id"]
    draft = api.post("/invoices", json=invoice_json(customer_id=customer)).json()["id"]

    def pdf() -> str:
        return str(api.get(f"/invoices/{draft}").json()["files"]["pdf"]["status"])

    with without_files(lambda_) as name:
        queue = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        patience = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
        api.post(f"/invoices/{draft}/finalize").raise_for_status()
        [failed] = until(lambda: waiting(stack, aws, "render_document")[0])
        sqs.set_queue_attributes(QueueUrl=queue, Attributes=patience)
    reason = {name: value["StringValue"] for name, value in failed["MessageAttributes"].items()}
    assert reason == {"code": "INTERNAL_ERROR", "reason": "NoSuchBucket; the log has its trace."}
    assert pdf() == "pending"
    sqs.send_message(QueueUrl=queue, MessageBody=failed["Body"])
    assert until(lambda: pdf() == "available")
