"""`invoicing smoke`: the list of assumptions against the embedded AWS, through the command."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from infra.conformance.catalog import ASSUMPTIONS, EMBEDDED
from infra.local.ministack import REGION
from infra.local.stack import Stack

pytestmark = pytest.mark.system


def smoke(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": stack.aws.url, **credentials}
    command = [sys.executable, "-m", "infra.local.cli", "smoke", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def names(stack: Stack, aws: boto3.Session) -> Iterator[str]:
    """The resources of the account, and all keys of the stage's table."""

    def client(service: str) -> Any:
        return aws.client(service, endpoint_url=stack.aws.url)  # type: ignore[call-overload]

    dynamodb: Any = client("dynamodb")
    for page in dynamodb.get_paginator("scan").paginate(TableName=stack.outputs["TableName"]):
        yield from (f"{item['PK']['S']} {item['SK']['S']}" for item in page["Items"])
    yield from dynamodb.list_tables()["TableNames"]
    yield from (bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"])
    yield from client("sqs").list_queues(MaxResults=1000)["QueueUrls"]
    yield from (bus["Name"] for bus in client("events").list_event_buses()["EventBuses"])


def test_the_embedded_aws_behaves_as_assumed(stack: Stack, aws: boto3.Session) -> None:
    done = smoke(stack, "--stage", "local")
    assert done.returncode == 0, done.stdout
    held = len(ASSUMPTIONS) - len(EMBEDDED)
    assert done.stdout.splitlines()[-1] == (
        f"{len(ASSUMPTIONS)} assumptions: {held} hold, {len(EMBEDDED)} differ as known, 0 failed."
    )
    created = re.search(r"Remove tenant (ten_\w+)", done.stdout)
    assert created
    assert [name for name in names(stack, aws) if "-smoke-" in name or created.group(1) in name] == []


def test_the_plan_states_the_costs_and_creates_nothing(stack: Stack) -> None:
    done = smoke(stack, "--stage", "local", "--plan")
    assert done.returncode == 0, done.stderr
    assert "costs less than 0.05 USD" in done.stdout
    assert "Create" not in done.stdout


def test_a_stage_that_is_not_deployed_is_one_line(stack: Stack) -> None:
    done = smoke(stack, "--stage", "none")
    assert done.returncode == 1
    assert done.stderr.startswith("invoicing: There is no stack invoicing-none-data here")
    assert len(done.stderr.splitlines()) == 1
