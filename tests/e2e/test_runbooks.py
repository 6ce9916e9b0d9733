"""The commands of the runbooks, run as an operator pastes them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from infra.local.ministack import REGION
from infra.local.stack import Stack
from tests.runbooks import blocks, headings

pytestmark = pytest.mark.system

LACKING = {
    "Messages in a dead-letter queue": "message move tasks",
    "Failed deployment": "UPDATE_ROLLBACK_FAILED",
    "Cost anomaly": "Cost Explorer",
    "Replay events from the archive": "archive",
    "Leaked API key": "cache of the authorizer",
}
"""The runbooks of which the embedded stack lacks a part."""
PREPARED = {
    "Messages in a dead-letter queue",
    "SES suspended or limited",
    "Restore the table to a point in time",
    "Leaked API key",
    "Leaked cursor secret",
    "Audit of a number series",
}
"""The runbooks with a test of their own, because they need a situation."""


@pytest.fixture
def run(stack: Stack, tmp_path: Path) -> Any:
    """Runs the commands of a runbook, or some of its blocks, and returns their output."""
    programs = Path(sys.executable).parent
    # For SQS, version 1 of the command line ignores the variable with the endpoint.
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text(f'#!/bin/sh\nexec "{programs}/aws" --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
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

    def run_blocks(heading: str, chosen: slice = slice(None), **more: str) -> str:
        begin = blocks("Before you begin")
        possible = [block for block in blocks(heading) if block.lacking is None][chosen]
        commands = "\n".join(block.commands for block in (*begin, *possible))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            env=environment | more,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

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


def test_a_number_series_without_gaps_passes_the_audit(run: Any, api: httpx.Client) -> None:
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
