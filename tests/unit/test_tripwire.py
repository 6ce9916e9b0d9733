"""The tripwire of all function tests detects violations."""

import zlib
from typing import Any

import pytest

from tests.tripwire import Sight, found_out, trespasses

OURS = "ten_01JD8X2V6PZ3QK7M5T9WRC4HBN"
OTHERS = "ten_01JD8X2V6PZ3QK7M5T9WRC4HBP"


def of(name: str, asked: Any, answered: Any = None) -> list[str]:
    return list(trespasses(name, asked, answered, Sight(OURS)))


def key(partition: str) -> dict[str, Any]:
    return {"Key": {"PK": {"S": partition}, "SK": {"S": "#"}}}


def test_data_of_the_own_tenant_is_no_violation() -> None:
    assert of("dynamodb:GetItem", key(f"T#{OURS}#INV#1"), {"Item": {"data": {"S": f'{{"tenant_id":"{OURS}"}}'}}}) == []
    assert of("dynamodb:GetItem", key("LINK#abc"), {"Item": {"tenant_id": {"S": OURS}}}) == []
    assert of("s3:PutObject", {"Key": f"{OURS}/file_1/abc", "Body": b""}) == []


@pytest.mark.parametrize(
    ("name", "asked", "answered"),
    [
        ("dynamodb:Scan", {}, None),
        ("dynamodb:GetItem", key(f"T#{OTHERS}#INV#1"), None),
        ("dynamodb:GetItem", key("T#-#INV#1"), None),
        ("dynamodb:GetItem", key("INV#1"), None),
        ("dynamodb:GetItem", key("LINK#abc"), {"Item": {"tenant_id": {"S": OTHERS}}}),
        ("dynamodb:Query", {"ExpressionAttributeValues": {":place": {"S": f"T#{OTHERS}#INV"}}}, None),
        ("dynamodb:TransactWriteItems", {"TransactItems": [{"Put": {"Item": key(f"T#{OTHERS}#X")["Key"]}}]}, None),
        ("s3:PutObject", {"Key": f"{OTHERS}/file_1/abc"}, None),
        ("s3:GetObject:presign", {}, f"https://files.s3.amazonaws.com/{OTHERS}/file_1/abc"),
        ("events:PutEvents", {"Entries": [{"Detail": f'{{"tenant_id":"{OTHERS}"}}'}]}, None),
        ("events:PutEvents", {"Entries": [{"Detail": '{"url":"https://x.example/?X-Amz-Signature=1"}'}]}, None),
        ("dynamodb:PutItem", {"Item": {"answer": {"B": zlib.compress(b'{"url":"x?X-Amz-Signature=1"}')}}}, None),
        ("ses:SendEmail", {"Content": {"Simple": {"Body": {"Text": {"Data": "x-amz-security-token: 1"}}}}}, None),
        ("sqs:SendMessage", {"MessageBody": "https://x.example/?AWSAccessKeyId=1&Signature=2"}, None),
    ],
)
def test_data_of_another_or_every_tenant_is_a_violation(name: str, asked: Any, answered: Any) -> None:
    assert of(name, asked, answered)


def test_an_invocation_serves_one_tenant_only() -> None:
    sight = found_out()
    assert list(trespasses("dynamodb:GetItem", key("KEY#1"), {"Item": {"tenant_id": {"S": OURS}}}, sight)) == []
    assert list(trespasses("dynamodb:GetItem", key(f"T#{OURS}#TENANT"), None, sight)) == []
    assert list(trespasses("dynamodb:GetItem", key(f"T#{OTHERS}#TENANT"), None, sight))
