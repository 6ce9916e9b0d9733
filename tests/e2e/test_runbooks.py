"""The commands of the runbooks, run as an operator pastes them."""

import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from infra.local.ministack import REGION
from infra.local.stack import Stack
from invoicing.numbering.table import count_sort, series_key
from tests.e2e.waiting import until
from tests.runbooks import blocks, headings

pytestmark = pytest.mark.system

LACKING = {
    "Messages in a dead-letter queue": "message move tasks",
    "Cost anomaly": "Cost Explorer",
    "Restore from a monthly backup": "recovery points",
    "Leaked API key": "cache of the authorizer",
}
"""The runbooks of which the embedded stack lacks a part."""
PREPARED = {
    "Messages in a dead-letter queue",
    "Events are late",
    "SES suspended or limited",
    "Failed deployment",
    "Restore the table to a point in time",
    "Restore deleted files",
    "Replay events from the archive",
    "Leaked API key",
    "Leaked cursor secret",
    "Audit of a number series",
}
"""The runbooks with a test of their own, because they need a situation."""


_AWS = """#!/bin/sh
case "$1 $2" in
  backup*|ce*|*message-move-task*|*flush-stage*) check="--generate-cli-skeleton output" ;;
esac
exec "{programs}/aws" --endpoint-url "$AWS_ENDPOINT_URL" "$@" $check
"""
"""The command line of AWS. Commands that the embedded stack lacks only have their parameters checked."""


@pytest.fixture
def run(stack: Stack, tmp_path: Path) -> Any:
    """Runs the commands of a runbook, or some of its blocks, and returns their output."""
    programs = Path(sys.executable).parent
    # For SQS, version 1 of the command line ignores the variable with the endpoint.
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text(_AWS.format(programs=programs))
    aws.chmod(0o755)
    environment = {
        "PATH": os.pathsep.join((str(aws.parent), str(programs), os.environ["PATH"])),
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": stack.aws.url,
        "STAGE": "local",
        "KEY": stack.api_keys["admin"],
    }

    def run_blocks(
        heading: str, chosen: slice = slice(None), *, lacking: bool = False, status: int = 0, **more: str
    ) -> str:
        begin = blocks("Before you begin")
        possible = [block for block in blocks(heading) if (block.lacking is not None) == lacking][chosen]
        commands = "\n".join(block.commands for block in (*begin, *possible))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            env=environment | more,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout + done.stderr

    return run_blocks


def test_parts_that_the_embedded_stack_lacks_are_known() -> None:
    lacking = {
        heading: [block.lacking for block in blocks(heading) if block.lacking]
        for heading in (*headings("Alarms"), *headings("Procedures"))
    }
    assert {heading for heading, reasons in lacking.items() if reasons} == set(LACKING)
    assert all(LACKING[heading] in reasons[0] for heading, reasons in lacking.items() if reasons)


@pytest.mark.parametrize(
    "heading", [name for name in (*headings("Alarms"), *headings("Procedures")) if name not in PREPARED]
)
def test_the_commands_of_a_runbook_run(run: Any, heading: str) -> None:
    if [block for block in blocks(heading) if block.lacking is None]:
        run(heading)  # which fails with the first command that fails
    else:
        assert heading in LACKING


@pytest.mark.parametrize("heading", LACKING)
def test_commands_that_are_not_run_have_valid_parameters(
    run: Any, stack: Stack, aws: boto3.Session, heading: str
) -> None:
    queues = aws.client("sqs", endpoint_url=stack.aws.url).list_queues(QueueNamePrefix="invoicing-local-")["QueueUrls"]
    prepared = {
        "DEAD": queues[0],
        "EVENTS": queues[1],
        "POINT": "arn:aws:backup:eu-central-1:000000000000:recovery-point:1",
    }
    assert run(heading, lacking=True, **prepared)


def test_a_stopped_publisher_is_started_again(run: Any, stack: Stack, aws: boto3.Session) -> None:
    functions = aws.client("lambda", endpoint_url=stack.aws.url)

    def mapping() -> Any:
        found = functions.list_event_source_mappings(FunctionName="invoicing-local-publish_outbox")
        return found["EventSourceMappings"][0]

    functions.update_event_source_mapping(UUID=mapping()["UUID"], Enabled=False)
    assert until(lambda: mapping()["State"] == "Disabled")
    assert "Disabled" in run("Events are late")
    assert until(lambda: mapping()["State"] == "Enabled")


def _code(number: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("code.py", f"def handler(event, context):\n    return {number}\n")
    return buffer.getvalue()


def test_a_deployment_whose_roll_back_failed_is_rolled_back(run: Any, stack: Stack, aws: boto3.Session) -> None:
    name, bucket = "invoicing-local-broken", "invoicing-local-broken"
    cloudformation = aws.client("cloudformation", endpoint_url=stack.aws.url)
    s3 = aws.client("s3", endpoint_url=stack.aws.url)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for number in (1, 2):
        s3.put_object(Bucket=bucket, Key=str(number), Body=_code(number))
    function = {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "code.handler",
        "Role": "arn:aws:iam::000000000000:role/any",
    }

    def template(number: int, **more: Any) -> str:
        code = {"S3Bucket": bucket, "S3Key": str(number)}
        return json.dumps(
            {"Resources": {"Code": {"Type": "AWS::Lambda::Function", "Properties": {**function, "Code": code}}, **more}}
        )

    def status() -> str:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]

    cloudformation.create_stack(StackName=name, TemplateBody=template(1))
    assert until(lambda: status() == "CREATE_COMPLETE")
    # The roll-back needs the former code.
    s3.delete_object(Bucket=bucket, Key="1")
    refused = {
        "Type": "AWS::SNS::Topic",
        "DependsOn": "Code",
        "Properties": {"TopicName": {"Fn::ImportValue": "missing"}},
    }
    cloudformation.update_stack(StackName=name, TemplateBody=template(2, Topic=refused))
    assert until(lambda: status() == "UPDATE_ROLLBACK_FAILED")
    shown = run("Failed deployment", slice(0, 1))
    assert f"{name}\tUPDATE_ROLLBACK_FAILED" in shown
    assert shown.splitlines()[-1] == "Topic\tExport 'missing' not found"
    s3.put_object(Bucket=bucket, Key="1", Body=_code(1))
    run("Failed deployment")
    assert until(lambda: status() == "UPDATE_ROLLBACK_COMPLETE")
    cloudformation.delete_stack(StackName=name)


def test_a_message_in_a_dead_letter_queue_is_shown(run: Any, stack: Stack, aws: boto3.Session) -> None:
    sqs = aws.client("sqs", endpoint_url=stack.aws.url)
    queues = sqs.list_queues(QueueNamePrefix="invoicing-local-")["QueueUrls"]
    [dead] = [url for url in queues if "DeleteNotesFailures" in url]
    sqs.send_message(QueueUrl=dead, MessageBody="nobody can read this")
    assert "nobody can read this" in run("Messages in a dead-letter queue")
    sqs.purge_queue(QueueUrl=dead)


def test_sending_stops_and_resumes(run: Any, stack: Stack, aws: boto3.Session) -> None:
    ses = aws.client("sesv2", endpoint_url=stack.aws.url)

    def sending() -> bool:
        found = ses.get_configuration_set(ConfigurationSetName="invoicing-local")
        return found["SendingOptions"]["SendingEnabled"]

    assert "HEALTHY" in run("SES suspended or limited", slice(0, 2))
    assert not sending()
    run("SES suspended or limited", slice(2, None))
    assert sending()


def test_lost_rows_come_back_from_a_restored_table(
    run: Any, api: httpx.Client, stack: Stack, aws: boto3.Session
) -> None:
    customer = api.post("/customers", json={"name": "Werft AG"}).json()
    table, partition = stack.outputs["TableName"], f"T#{stack.tenant_id}#CUS#{customer['id']}"
    dynamodb = aws.client("dynamodb", endpoint_url=stack.aws.url)

    def stored() -> list[Any]:
        values = {":partition": {"S": partition}}
        asked = {"KeyConditionExpression": "PK = :partition", "ExpressionAttributeValues": values}
        return dynamodb.query(TableName=table, **asked)["Items"]  # type: ignore[arg-type]

    run("Restore the table to a point in time", slice(0, 1))
    before = stored()
    for item in before[1:]:
        dynamodb.delete_item(TableName=table, Key={"PK": item["PK"], "SK": item["SK"]})
    assert len(stored()) == 1 < len(before)
    # The row that is there stays as it is.
    assert "Kept" in run("Restore the table to a point in time", slice(1, None), PARTITION=partition)
    assert [item["SK"] for item in stored()] == [item["SK"] for item in before]
    assert api.get(f"/customers/{customer['id']}").json() == customer
    assert dynamodb.list_tables()["TableNames"] == [table]


def test_deleted_files_come_back(run: Any, stack: Stack, aws: boto3.Session) -> None:
    s3, bucket = aws.client("s3", endpoint_url=stack.aws.url), stack.outputs["FilesBucketName"]
    for key in ("drill/deleted/1", "drill/kept/2"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    s3.delete_object(Bucket=bucket, Key="drill/deleted/1")
    assert "drill/deleted/1" in run("Restore deleted files", PREFIX="drill/deleted/")
    for key in ("drill/deleted/1", "drill/kept/2"):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()


def test_archived_events_are_replayed_to_a_new_consumer(
    run: Any, api: httpx.Client, stack: Stack, aws: boto3.Session
) -> None:
    events: Any = aws.client("events", endpoint_url=stack.aws.url)
    sqs: Any = aws.client("sqs", endpoint_url=stack.aws.url)
    bus = events.describe_event_bus(Name=stack.outputs["BusName"])
    # The CloudFormation of the embedded AWS cannot create it.
    events.create_archive(ArchiveName="invoicing-local", EventSourceArn=bus["Arn"])
    began = datetime.now(UTC) - timedelta(minutes=1)
    customer = api.post("/customers", json={"name": "Werft AG"}).json()["id"]
    assert until(lambda: events.describe_archive(ArchiveName="invoicing-local")["EventCount"])
    queue = sqs.create_queue(QueueName="new-consumer")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    where = {"EventBusName": bus["Name"]}
    rule = events.put_rule(Name="new-consumer", EventPattern='{"detail-type": ["customer.created"]}', **where)
    events.put_targets(Rule="new-consumer", Targets=[{"Id": "queue", "Arn": arn}], **where)
    ended = datetime.now(UTC) + timedelta(minutes=1)
    run(
        "Replay events from the archive",
        RULE_ARN=rule["RuleArn"],
        FROM=began.isoformat(timespec="seconds"),
        TO=ended.isoformat(timespec="seconds"),
    )
    message = until(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(message[0]["Body"])["detail"]["resource"]["id"] == customer
    events.remove_targets(Rule="new-consumer", Ids=["queue"], **where)
    events.delete_rule(Name="new-consumer", **where)
    events.delete_archive(ArchiveName="invoicing-local")
    sqs.delete_queue(QueueUrl=queue)


def test_a_leaked_key_is_revoked(run: Any, api: httpx.Client, stack: Stack) -> None:
    leaked = api.post("/api-keys", json={"name": "leaked"}).json()
    assert "replacement" in run("Leaked API key", LEAKED=leaked["id"])
    refused = httpx.get(f"{stack.api_url}/tenant", headers={"Authorization": f"Bearer {leaked['secret']}"}, timeout=120)
    assert refused.status_code == 401


def test_a_leaked_cursor_secret_is_replaced(run: Any, stack: Stack, aws: boto3.Session) -> None:
    secrets = aws.client("secretsmanager", endpoint_url=stack.aws.url)
    before = secrets.get_secret_value(SecretId=stack.outputs["CursorSecretArn"])["SecretString"]
    run("Leaked cursor secret")
    assert secrets.get_secret_value(SecretId=stack.outputs["CursorSecretArn"])["SecretString"] != before


def test_the_audit_of_a_number_series_fails_with_a_gap(
    run: Any, api: httpx.Client, stack: Stack, aws: boto3.Session
) -> None:
    customer = api.post(
        "/customers",
        json={
            "type": "company",
            "name": "Werft AG",
            "address": {"line1": "Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"},
        },
    ).json()["id"]
    line = {"name": "Consulting", "unit_price": "95.00", "tax": {"category": "S", "rate": "19"}}
    period = {"start": "2026-11-01", "end": "2026-11-27"}
    draft = api.post("/invoices", json={"customer_id": customer, "service_period": period, "lines": [line]}).json()
    assert api.post(f"/invoices/{draft['id']}/finalize", json={"due_date": "2030-12-31"}).status_code == 200
    assert '"gaps":[]' in run("Audit of a number series").replace(" ", "")
    report = api.get("/number-series/invoice/gaps").json()
    lost = report["next"] - 1
    item: dict[str, Any] = {
        "TableName": stack.outputs["TableName"],
        "Key": series_key(stack.tenant_id, "invoice", report["year"]).at(count_sort(lost)).address,
    }
    dynamodb = aws.client("dynamodb", endpoint_url=stack.aws.url)
    stored = dynamodb.get_item(**item)["Item"]
    dynamodb.delete_item(**item)
    assert f"Gaps: [{{'first': {lost}, 'last': {lost}}}]" in run("Audit of a number series", status=1)
    dynamodb.put_item(TableName=item["TableName"], Item=stored)
    run("Audit of a number series")
