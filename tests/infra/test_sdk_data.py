"""The layer's SDK with its reduced data behaves as the complete one, for each operation, error and region."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.session import get_session

from infra.constructs import layer_build, sdk_data
from tests.benchmarks.worker import BARE, machine

PROBE = Path(__file__).with_name("sdk_probe.py")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c", "PATH": ""}
HOST = re.compile(r"https://([^/']+)")
SERVICES = sorted(sdk_data.operations())
BYTES = bytes(range(256))
ITEM = {"PK": {"S": "ü"}, "part": {"B": BYTES}, "n": {"N": "1"}, "yes": {"BOOL": True}, "several": {"SS": ["a", "b"]}}
KEY = {"PK": {"S": "ü"}, "SK": {"S": "#"}}
WRITES = [
    {"Put": {"TableName": "t", "Item": ITEM, "ConditionExpression": "attribute_not_exists(PK)"}},
    {"Update": {"TableName": "t", "Key": KEY, "UpdateExpression": "ADD n :n"}},
    {"Delete": {"TableName": "t", "Key": KEY}},
    {"ConditionCheck": {"TableName": "t", "Key": KEY, "ConditionExpression": "attribute_exists(PK)"}},
]
AT = {"Bucket": "files", "Key": "ten_1/file_ä ö+~!/abc"}
ATTACHMENT = {"FileName": "ä.pdf", "RawContent": BYTES, "ContentType": "application/pdf"}
WROTE = b'{"Attributes":{"PK":{"S":"x"},"part":{"B":"AAEC"}}}'
TAGS = b"<Tagging><TagSet><Tag><Key>a</Key><Value>&lt;</Value></Tag></TagSet></Tagging>"
CALLS: Mapping[str, tuple[str, str, Mapping[str, Any], bytes]] = {
    "GetItem": ("dynamodb", "get_item", {"TableName": "t", "Key": KEY, "ConsistentRead": True},
                b'{"Item":{"part":{"B":"AAEC"},"m":{"M":{"B":{"B":"AA=="}}}}}'),
    "BatchGetItem": ("dynamodb", "batch_get_item", {"RequestItems": {"t": {"Keys": [KEY], "ConsistentRead": True}}},
                     b'{"Responses":{"t":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"t":{"Keys":[{"PK":{"S":"x"}}]}}}'),
    "Query": ("dynamodb", "query", {"TableName": "t", "KeyConditionExpression": "PK = :p", "Limit": 25,
                                    "ExpressionAttributeValues": {":p": {"S": "ü"}}, "ExclusiveStartKey": KEY},
              b'{"Items":[{"B":{"S":"x"}}],"Count":1,"ScannedCount":1,"LastEvaluatedKey":{"PK":{"S":"x"}}}'),
    "PutItem": ("dynamodb", "put_item", {"TableName": "t", "Item": ITEM, "ConditionExpression": "#v = :v"}, WROTE),
    "UpdateItem": ("dynamodb", "update_item", {"TableName": "t", "Key": KEY, "UpdateExpression": "REMOVE n"}, WROTE),
    "DeleteItem": ("dynamodb", "delete_item", {"TableName": "t", "Key": KEY}, WROTE),
    "TransactWriteItems": ("dynamodb", "transact_write_items",
                           {"TransactItems": WRITES, "ClientRequestToken": "token"}, b"{}"),
    "GetParameter": ("ssm", "get_parameter", {"Name": "/x"}, b'{"Parameter":{"Value":"x","LastModifiedDate":1.5}}'),
    "Encrypt": ("kms", "encrypt", {"KeyId": "k", "Plaintext": BYTES, "EncryptionContext": {"tenant_id": "ü"}},
                b'{"CiphertextBlob":"AAEC","KeyId":"k"}'),
    "Decrypt": ("kms", "decrypt", {"KeyId": "k", "CiphertextBlob": BYTES, "EncryptionContext": {"tenant_id": "ü"}},
                b'{"Plaintext":"AAEC","KeyId":"k"}'),
    "GetSecretValue": ("secretsmanager", "get_secret_value", {"SecretId": "x"}, b'{"SecretString":"x"}'),
    "PutEvents": ("events", "put_events", {"Entries": [{"EventBusName": "b", "Source": "s", "DetailType": "d"}]},
                  b'{"FailedEntryCount":1,"Entries":[{"EventId":"1"},{"ErrorCode":"x"}]}'),
    "SendMessage": ("sqs", "send_message", {
        "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/1/q", "MessageBody": "ü",
        "MessageAttributes": {"reason": {"DataType": "String", "StringValue": "ü"}}}, b'{"MessageId":"1"}'),
    "SendEmail": ("sesv2", "send_email", {
        "FromEmailAddress": "a@b.example", "Destination": {"ToAddresses": ["c@d.example"]},
        "Content": {"Simple": {"Subject": {"Data": "ü"}, "Body": {}, "Attachments": [ATTACHMENT]}},
        "EmailTags": [{"Name": "a", "Value": "b"}]}, b'{"MessageId":"1"}'),
    "PutObject": ("s3", "put_object", {**AT, "Body": BYTES, "ContentType": "text/plain", "IfNoneMatch": "*",
                                       "Metadata": {"note_id": "1"}}, b""),
    "PutObjectRetention": ("s3", "put_object_retention", {**AT, "Retention": {
        "Mode": "GOVERNANCE", "RetainUntilDate": "2034-12-31T00:00:00Z"}}, b""),
    "GetObject": ("s3", "get_object", AT, BYTES),
    "HeadObject": ("s3", "head_object", AT, b""),
    "GetObjectTagging": ("s3", "get_object_tagging", AT, TAGS),
    "DeleteObject": ("s3", "delete_object", AT, b""),
}  # fmt: skip
REASONS = json.dumps({
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled",
    "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": {"part": {"B": "AAEC"}}}],
})  # fmt: skip
HELD = b'{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Item":{"token":{"S":"x"}}}'
REFUSALS: Sequence[tuple[str, int, Mapping[str, str], bytes]] = [
    ("TransactWriteItems", 400, {}, REASONS.encode()),
    ("PutItem", 400, {}, HELD),
    ("UpdateItem", 400, {}, HELD),
    ("GetItem", 400, {}, b'{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Slower"}'),
    ("GetItem", 500, {}, b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}'),
    ("GetItem", 503, {}, b"<html>busy</html>"),
    ("GetParameter", 400, {}, b'{"__type":"ParameterNotFound"}'),
    ("GetSecretValue", 400, {}, b'{"__type":"ResourceNotFoundException"}'),
    ("SendEmail", 400, {"x-amzn-errortype": "MessageRejected:http://x/"}, b'{"message":"No"}'),
    ("SendEmail", 429, {"x-amzn-errortype": "TooManyRequestsException"}, b"{}"),
    ("SendMessage", 400, {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"},
     b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}'),
    ("PutEvents", 400, {}, b'{"__type":"ResourceNotFoundException","message":"no bus"}'),
    ("GetObject", 404, {}, b"<Error><Code>NoSuchKey</Code><Message>x</Message></Error>"),
    ("PutObject", 412, {}, b"<?xml version='1.0'?><Error><Code>PreconditionFailed</Code></Error>"),
    ("HeadObject", 404, {}, b""),
]  # fmt: skip


def called() -> dict[str, tuple[str, str, Mapping[str, Any], bytes]]:
    """The calls above that the layer is made for."""
    every = {name for names in sdk_data.operations().values() for name in names} - {"CreateBucket"}
    assert every <= CALLS.keys(), f"say in CALLS how {sorted(every - CALLS.keys())} is asked for"
    return {name: one for name, one in CALLS.items() if name in every}


def both(jobs: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """The results of jobs with the layer's SDK, and with the complete one."""
    layer = layer_build.packages("dependencies", machine()) / "python"
    run = f"import runpy, sys; sys.path.insert(0, {str(layer)!r}); runpy.run_path({str(PROBE)!r}, run_name='__main__')"
    results = []
    for command in ([*BARE, "-c", run], [sys.executable, str(PROBE)]):
        done = subprocess.run(
            command, input=repr(list(jobs)), env=CREDENTIALS, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        results.append(json.loads(done.stdout))
    return zip(*results, strict=True)


def test_each_operation_is_sent_and_read_as_by_the_whole_sdk() -> None:
    jobs: list[Any] = [
        (service, method, params, (200, {"x-amz-meta-note_id": "1"}, content), "eu-central-1", {})
        for service, method, params, content in called().values()
    ]
    for ours, whole in both(jobs):
        assert ours == whole


def test_each_error_is_read_as_by_the_whole_sdk() -> None:
    known = called()
    jobs: list[Any] = [
        (*known[name][:3], (status, headers, content), "eu-central-1", {})
        for name, status, headers, content in REFUSALS
        if name in known
    ]
    found = list(both(jobs))
    for ours, whole in found:
        assert ours == whole
    assert "'CancellationReasons'" in found[0][0]
    assert "'Item': {'part': {'B': b'\\x00\\x01\\x02'}}" in found[0][0]
    assert "'Item': {'token'" in found[1][0]


@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-west-1", "cn-north-1"])
def test_urls_and_forms_are_signed_as_by_the_whole_sdk(region: str) -> None:
    [(ours, whole)] = both([({"region": region},)])
    assert ours == whole
    assert f"https://files.s3.{region}.amazonaws.com" in ours


def places() -> Iterator[tuple[str, dict[str, bool]]]:
    """Every region of every partition; the first of each in all endpoint modes, and the regions with FIPS."""
    yield from ((region, {"use_fips_endpoint": True}) for region in ("us-east-1", "us-gov-west-1"))
    session = get_session()
    for partition in session.get_available_partitions():
        first, *others = session.get_available_regions("dynamodb", partition)
        yield first, {}
        yield first, {"use_fips_endpoint": True}
        yield first, {"use_dualstack_endpoint": True}
        yield from ((other, {}) for other in others)


def test_each_region_has_its_endpoints_with_fips_and_dual_stack() -> None:
    known = {service: one for service, *one in called().values()}
    found = list(places())
    assert {"us-gov-west-1", "cn-north-1", "eu-central-1"} <= {region for region, _ in found}
    jobs: list[Any] = [
        (service, method, params, (200, {}, b""), region, how)
        for region, how in found
        for service, (method, params, _) in known.items()
        if how or service in {"dynamodb", "s3"}
    ]
    hosts = set()
    for ours, whole in both(jobs):
        assert ours == whole
        hosts |= set(HOST.findall(ours))
    assert {"dynamodb-fips.us-east-1.amazonaws.com", "dynamodb.us-gov-west-1.amazonaws.com"} <= hosts
    assert "dynamodb.cn-north-1.amazonaws.com.cn" in hosts


@cache
def _loader() -> Loader:
    data = layer_build.packages("dependencies", machine()) / "python/botocore/data"
    return Loader(extra_search_paths=[str(data)], include_default_search_paths=False)


@pytest.mark.parametrize("service", SERVICES)
def test_models_of_operations_are_complete_and_no_others_exist(service: str) -> None:
    whole: Any = ServiceModel(get_session().get_component("data_loader").load_service_model(service, "service-2"))
    ours: Any = ServiceModel(_loader().load_service_model(service, "service-2"))
    assert sorted(ours.operation_names) == sorted(sdk_data.operations()[service])
    needed: set[str] = set()
    for name in ours.operation_names:
        one = whole.operation_model(name)
        for shape in (one.input_shape, one.output_shape, *one.error_shapes):
            needed |= _shapes(shape, needed)
    assert set(ours.shape_names) == needed
    for name in needed:
        assert _described(ours, name) == _described(whole, name)


def _shapes(shape: Any, known: set[str]) -> set[str]:
    if shape is None or shape.name in known:
        return known
    known = known | {shape.name}
    inner = [
        *getattr(shape, "members", {}).values(),
        *(getattr(shape, name, None) for name in ("member", "key", "value")),
    ]
    for one in inner:
        known = _shapes(one, known)
    return known


def _described(model: Any, name: str) -> Any:
    shape = model.shape_for(name)
    return shape.type_name, shape.metadata, shape.serialization, sorted(getattr(shape, "members", {}))


def test_the_layer_has_no_data_of_other_services() -> None:
    layer = layer_build.packages("dependencies", machine()) / "python"
    data = layer / "botocore/data"
    assert sorted(path.name for path in data.iterdir() if path.is_dir()) == SERVICES
    assert sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) < 500_000
    assert '"documentation"' not in (data / "dynamodb/2012-08-10/service-2.json").read_text()
    assert not (layer / "boto3/data").exists()
