"""Each function has the declared permissions in AWS: the embedded AWS enforces the deployed roles."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.stack import Stack

pytestmark = pytest.mark.system


@pytest.fixture
def as_get_customer(stack: Stack, aws: boto3.Session) -> boto3.Session:
    """A session with the credentials of a function."""
    functions = aws.client("lambda", endpoint_url=stack.aws.url)
    function = functions.get_function(FunctionName="invoicing-local-get_customer")
    taken = aws.client("sts", endpoint_url=stack.aws.url).assume_role(
        RoleArn=function["Configuration"]["Role"], RoleSessionName="stolen"
    )["Credentials"]
    return boto3.Session(
        taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"], region_name=aws.region_name
    )


def test_a_read_grant_allows_no_write_scan_or_other_table(stack: Stack, as_get_customer: boto3.Session) -> None:
    table, key = stack.outputs["TableName"], {"PK": {"S": f"T#{stack.tenant_id}#TENANT"}, "SK": {"S": "#"}}
    dynamodb = as_get_customer.client("dynamodb", endpoint_url=stack.aws.url)
    assert "Item" in dynamodb.get_item(TableName=table, Key=key)
    forbidden: dict[str, Callable[[], Any]] = {
        "put": lambda: dynamodb.put_item(TableName=table, Item=key),
        "delete": lambda: dynamodb.delete_item(TableName=table, Key=key),
        "scan": lambda: dynamodb.scan(TableName=table),
        "transact": lambda: dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": key}}]),
        "tables": dynamodb.list_tables,
        "files": as_get_customer.client("s3", endpoint_url=stack.aws.url).list_buckets,
        "mail": lambda: as_get_customer.client("sesv2", endpoint_url=stack.aws.url).list_email_identities(),
    }
    refused = {}
    for name, ask in forbidden.items():
        with pytest.raises(ClientError) as denied:
            ask()
        refused[name] = denied.value.response["Error"]["Code"]
    assert set(refused.values()) <= {"AccessDeniedException", "AccessDenied"}
