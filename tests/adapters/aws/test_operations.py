"""What is asked of AWS goes out as botocore sends it, and what it answers reads as botocore reads it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session

from invoicing.adapters.aws import request, s3
from invoicing.adapters.aws.clients import Service, client
from invoicing.adapters.aws.connection import Reply
from invoicing.adapters.aws.errors import AwsError
from invoicing.api.grants import Grant
from tests.aws import PERMITTED_AS, TRANSACTION
from tests.interception import MockRaw

BYTES = bytes(range(256))
ITEM = {"PK": {"S": "ü"}, "part": {"B": BYTES}, "n": {"N": "1"}, "yes": {"BOOL": True}, "several": {"SS": ["a", "b"]}}
KEY = {"PK": {"S": "ü"}, "SK": {"S": "#"}}
VALUES = {":n": {"N": "1"}}
WRITES = [
    {"Put": {"TableName": "t", "Item": ITEM, "ConditionExpression": "attribute_not_exists(PK)"}},
    {"Update": {"TableName": "t", "Key": KEY, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": VALUES}},
    {"Delete": {"TableName": "t", "Key": KEY}},
    {"ConditionCheck": {"TableName": "t", "Key": KEY, "ConditionExpression": "attribute_exists(PK)"}},
]  # fmt: skip
ATTACHMENT = {
    "FileName": "ä.pdf",
    "RawContent": BYTES,
    "ContentType": "application/pdf",
    "ContentDisposition": "ATTACHMENT",
}
OF_FILE = {"content-type": "text/plain", "if-none-match": "*"}
LOCATION = s3.Location("files", "ten_1/file_ä ö+~!/abc")
AT = {"Bucket": LOCATION.bucket, "Key": LOCATION.key}


class Sent(NamedTuple):
    """A request without what its signature adds."""

    method: str
    host: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    content: Any


def json_call(service: Service, method: str, /, **said: Any) -> Any:
    """An operation of a service that speaks JSON, asked for in both ways."""
    return pytest.param(
        service,
        method,
        said,
        lambda: getattr(client(service), method)(**said),
        id=f"{service}:{''.join(word.capitalize() for word in method.split('_'))}",
    )


CALLS = [
    json_call("dynamodb", "get_item", TableName="t", Key=KEY, ConsistentRead=True),
    json_call("dynamodb", "batch_get_item", RequestItems={"t": {"Keys": [KEY], "ConsistentRead": True}}),
    json_call("dynamodb", "query", TableName="t", KeyConditionExpression="PK = :p", Limit=25, ScanIndexForward=False,
              ExpressionAttributeValues={":p": {"S": "ü"}}, ExclusiveStartKey=KEY),
    json_call("dynamodb", "put_item", TableName="t", Item=ITEM, ConditionExpression="#v = :v"),
    json_call("dynamodb", "update_item", TableName="t", Key=KEY, UpdateExpression="REMOVE n"),
    json_call("dynamodb", "transact_write_items", TransactItems=WRITES, ClientRequestToken="token"),
    json_call("ssm", "get_parameter", Name="/invoicing/base-url"),
    json_call("events", "put_events", Entries=[{"EventBusName": "b", "Source": "s", "DetailType": "d"}]),
    json_call("sqs", "send_message", QueueUrl="https://sqs.eu-central-1.amazonaws.com/1/q", MessageBody="ü",
              MessageAttributes={"reason": {"DataType": "String", "StringValue": "ü"}}),
    json_call("sesv2", "send_email", FromEmailAddress="a@b.example", Destination={"ToAddresses": ["c@d.example"]},
              Content={"Simple": {"Subject": {"Data": "ü"}, "Body": {}, "Attachments": [ATTACHMENT]}},
              EmailTags=[{"Name": "a", "Value": "b"}]),
    pytest.param("s3", "put_object",
                 {**AT, "Body": BYTES, "ContentType": "text/plain", "Metadata": {"note_id": "1"}, "IfNoneMatch": "*"},
                 lambda: s3.put(LOCATION, BYTES, OF_FILE, {"note_id": "1"}),
                 id="s3:PutObject"),
    pytest.param("s3", "get_object", AT, lambda: s3.get(LOCATION), id="s3:GetObject"),
    pytest.param("s3", "head_object", AT, lambda: s3.metadata(LOCATION), id="s3:HeadObject"),
    pytest.param("s3", "get_object_tagging", AT, lambda: s3.tags(LOCATION), id="s3:GetObjectTagging"),
    pytest.param("s3", "delete_object", AT, lambda: s3.delete(LOCATION), id="s3:DeleteObject"),
]  # fmt: skip
ANSWERED = {
    "s3": b"<Tagging><TagSet></TagSet></Tagging>",
    "rest": b"{}",
}
_OF_THE_WAY = {
    "user-agent", "authorization", "host", "content-length", "amz-sdk-invocation-id", "amz-sdk-request",
    # Waits for leave to send a large file; without it the refusal is read although not all was sent.
    "expect",
    # Asks SQS for the names that errors had in an older protocol.
    "x-amzn-query-mode",
}  # fmt: skip
"""Headers of how it is sent, not of what is asked."""


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any], Reply], tuple[Any, Sent]]:
    """Asks as our code asks; what comes of it with this reply, and what was sent."""

    def ask(call: Callable[[], Any], reply: Reply) -> tuple[Any, Sent]:
        sent = []

        def exchange(
            method: str, origin: str, target: str, headers: Mapping[str, str], content: bytes, **_: Any
        ) -> Reply:
            sent.append(_sent(method, origin + target, headers, content))
            return reply

        monkeypatch.setattr(request, "exchange", exchange)
        monkeypatch.setattr("time.sleep", lambda _: None)
        return _outcome(call), sent[0]

    return ask


def theirs(service: str, method: str, said: Mapping[str, Any], reply: Reply) -> tuple[Any, Sent]:
    """The same as botocore does it, without the checksum that it adds: the signature has one of its own."""
    config = Config(s3={"addressing_style": "virtual"}, request_checksum_calculation="when_required",
                    response_checksum_validation="when_required", retries={"total_max_attempts": 1})  # fmt: skip
    asked: Any = get_session().create_client(service, region_name="eu-central-1", config=config)
    sent = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        sent.append(_sent(request.method, request.url, request.headers, request.body))
        headers = HTTPHeaders()
        for name, value in reply.headers.items():
            headers[name] = value
        return AWSResponse(request.url, reply.status, headers, MockRaw(reply.content))

    asked.meta.events.register("before-send", answer)
    return _outcome(lambda: getattr(asked, method)(**said)), sent[0]


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (AwsError, ClientError) as error:
        return error


def _sent(method: str, url: str, headers: Mapping[str, Any], content: Any) -> Sent:
    parts = urlsplit(url)
    texts = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}
    kept = {name: value for name, value in texts.items() if name not in _OF_THE_WAY and not name.startswith("x-amz-")}
    kept |= {name: value for name, value in texts.items() if name == "x-amz-target" or name.startswith("x-amz-meta-")}
    raw = content.read() if hasattr(content, "read") else content or b""
    text = json.loads(raw) if "json" in texts.get("content-type", "") else raw
    return Sent(method, parts.netloc, parts.path, parse_qsl(parts.query, keep_blank_values=True), kept, text)


@pytest.mark.parametrize(("service", "method", "said", "call"), CALLS)
def test_what_is_asked_is_what_botocore_asks(service: str, method: str, said: Any, call: Any, ours: Any) -> None:
    reply = Reply(200, {}, ANSWERED.get(service, ANSWERED["rest"]))
    assert ours(call, reply)[1] == theirs(service, method, said, reply)[1]


def test_all_that_functions_may_do_is_compared() -> None:
    granted = {action for grant in Grant for action in grant.actions}
    compared = {str(one.id).replace("sesv2:", "ses:") for one in CALLS}
    as_permitted = {
        f"{name.split(':')[0]}:{PERMITTED_AS.get(name.split(':')[1], name.split(':')[1])}" for name in compared
    }
    of_transactions = {f"dynamodb:{operation}" for operation in TRANSACTION.values()}
    # To list a bucket is only asked of IAM, for S3 to say that something is missing.
    assert granted - {"s3:ListBucket"} == (as_permitted - {"dynamodb:TransactWriteItems"}) | of_transactions


REASONS = json.dumps({
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled",
    "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": {"part": {"B": "AAEC"}}}],
})  # fmt: skip
REFUSALS = [
    ("dynamodb", Reply(400, {}, REASONS.encode())),
    ("dynamodb", Reply(400, {}, b'{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Slower"}')),
    ("dynamodb", Reply(400, {}, b'{"__type":"ResourceNotFoundException","message":"x"}')),
    ("dynamodb", Reply(500, {}, b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}')),
    ("dynamodb", Reply(503, {}, b"<html>busy</html>")),
    ("ssm", Reply(400, {}, b'{"__type":"ParameterNotFound"}')),
    ("sesv2", Reply(400, {"x-amzn-errortype": "MessageRejected:http://x/"}, b'{"message":"No"}')),
    ("sesv2", Reply(429, {"x-amzn-errortype": "TooManyRequestsException"}, b"{}")),
    ("s3", Reply(404, {}, b"<Error><Code>NoSuchKey</Code><Message>x</Message></Error>")),
    ("s3", Reply(412, {}, b"<?xml version='1.0'?><Error><Code>PreconditionFailed</Code></Error>")),
    ("s3", Reply(404, {}, b"")),
]


@pytest.mark.parametrize(
    ("service", "reply"), REFUSALS, ids=lambda one: one if isinstance(one, str) else one.content[:40].decode()
)
def test_a_refusal_has_the_code_that_botocore_reads(service: str, reply: Reply, ours: Any) -> None:
    _, method, said, call = next(one.values for one in CALLS if one.values[0] == service)
    mine, other = ours(call, reply)[0], theirs(service, method, said, reply)[0]
    assert mine.status == other.response["ResponseMetadata"]["HTTPStatusCode"] == reply.status
    assert mine.code == other.response["Error"]["Code"]


def test_the_items_behind_a_refusal_read_as_botocore_reads_them(ours: Any) -> None:
    service, method, said, call = next(one.values for one in CALLS if one.id == "dynamodb:TransactWriteItems")
    reply = REFUSALS[0][1]
    mine, other = ours(call, reply)[0], theirs(service, method, said, reply)[0]
    assert mine.said["CancellationReasons"] == other.response["CancellationReasons"]
    assert mine.said["CancellationReasons"][1]["Item"]["part"] == {"B": b"\x00\x01\x02"}


def test_items_read_as_botocore_reads_them(ours: Any) -> None:
    service, method, said, call = next(one.values for one in CALLS if one.id == "dynamodb:Query")
    items = [
        {"PK": {"S": "B"}, "part": {"B": "AAEC"}, "B": {"S": "x"}, "m": {"M": {"B": {"B": "AA=="}}}},
        {"B": {"B": ""}},
    ]
    reply = Reply(200, {}, json.dumps({"Items": items, "Count": 2, "ScannedCount": 2}).encode())
    mine, other = ours(call, reply)[0], theirs(service, method, said, reply)[0]
    assert mine == {name: value for name, value in other.items() if name != "ResponseMetadata"}


def test_what_is_said_of_an_object_reads_as_botocore_reads_it(ours: Any) -> None:
    service, method, said, call = next(one.values for one in CALLS if one.id == "s3:HeadObject")
    reply = Reply(200, {"x-amz-meta-invoice_id": "inv_1", "content-type": "text/plain"}, b"")
    assert ours(call, reply)[0] == theirs(service, method, said, reply)[0]["Metadata"] == {"invoice_id": "inv_1"}


NAMES = "http://s3.amazonaws.com/doc/2006-03-01/"
TAGS = (("a", "1"), ("b:c", ""), ("x", "&lt;"))


def test_tags_read_as_botocore_reads_them(ours: Any) -> None:
    service, method, said, call = next(one.values for one in CALLS if one.id == "s3:GetObjectTagging")
    tags = "".join(f"<Tag>\n <Key>{name}</Key><Value>{value}</Value></Tag>" for name, value in TAGS)
    reply = Reply(200, {}, f"<Tagging xmlns='{NAMES}'><TagSet>\n{tags}</TagSet></Tagging>".encode())
    found = theirs(service, method, said, reply)[0]["TagSet"]
    assert ours(call, reply)[0] == {one["Key"]: one["Value"] for one in found} == {"a": "1", "b:c": "", "x": "<"}


@pytest.mark.parametrize(("content", "missing"), [(b"NoSuchKey", True), (b"", True), (b"NoSuchBucket", False)])
def test_an_object_is_missing_where_s3_says_so_and_not_where_the_bucket_is(
    ours: Any, content: bytes, missing: bool
) -> None:
    reply = Reply(404, {}, b"<Error><Code>%b</Code></Error>" % content if content else b"")
    assert s3.missing(ours(lambda: s3.get(LOCATION), reply)[0]) is missing
