"""The stage's own KMS key: who may use it, and the data that it encrypts. S3's log of accesses."""

from typing import Any

import pytest

from infra.discovery import deployed
from tests.infra.templates import Stack, Templates, actions, plain

_VIA = "kms:ViaService"
_DECRYPT, _ENCRYPT = {"kms:Decrypt"}, {"kms:GenerateDataKey"}
_READ = {"kms:Decrypt", "kms:DescribeKey"}
_WRITE = _READ | {"kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"}


def _stage_key(stack: Stack) -> tuple[str, dict[str, Any]]:
    """The id and the properties of the stage's own key, which is not the one for secrets of tenants."""
    [found] = [(id_, one) for id_, one in stack.all("AWS::KMS::Key").items() if not id_.startswith("Secrets")]
    return found


def _on_key(stack: Stack, function: str) -> dict[str, set[str]]:
    """The uses of the key that a function is allowed, by the service it goes through."""
    uses = {}
    for statement in stack.statements_of(function):
        if actions(statement)[0].startswith("kms:") and "SecretsKey" not in plain(statement["Resource"]):
            assert "Key" in plain(statement["Resource"])
            [service] = statement["Condition"]["StringEquals"].values()
            assert set(statement["Condition"]["StringEquals"]) == {_VIA}
            uses[plain(service).removesuffix(".<AWS::Region>.amazonaws.com")] = set(actions(statement))
    return uses


@pytest.mark.parametrize(
    ("function", "uses"),
    [
        ("get_customer", {"dynamodb": _READ}),
        ("create_customer", {"dynamodb": _WRITE}),
        ("list_customers", {"dynamodb": _READ, "s3": _DECRYPT | _ENCRYPT, "secretsmanager": _DECRYPT}),
        ("publish_outbox", {"dynamodb": _WRITE, "sqs": _DECRYPT | _ENCRYPT}),
        ("render_document", {"dynamodb": _WRITE, "s3": _DECRYPT | _ENCRYPT, "sqs": _DECRYPT | _ENCRYPT}),
        ("delete_files", {"dynamodb": _READ, "sqs": _DECRYPT}),
    ],
)
def test_a_function_may_use_the_key_as_its_grants_need(
    function: str, uses: dict[str, set[str]], everything: Templates
) -> None:
    assert _on_key(everything.service, function) == uses


def test_every_function_that_reads_data_can_decrypt_it(everything: Templates) -> None:
    """Each service whose data a function reads or writes is among those through which it uses the key."""
    encrypted = {"dynamodb", "s3", "secretsmanager", "sqs"}
    without_data = {"s3:DeleteObject", "s3:ListBucket", "s3:GetObjectTagging", "dynamodb:ListStreams"}
    for found in deployed(opted_in=frozenset({"malware_scan", "object_lock"})):
        used = {action for one in everything.service.statements_of(found.name) for action in actions(one)}
        services = {action.partition(":")[0] for action in used - without_data} & encrypted
        assert set(_on_key(everything.service, found.name)) == services, found.name


def test_the_key_encrypts_all_data_queues_logs_and_alarms(everything: Templates) -> None:
    key, _ = _stage_key(everything.data)
    data = everything.data

    def is_key(value: Any) -> bool:
        return f"{key}" in plain(value) or "FnGetAttKey" in plain(value)

    table = data.one("AWS::DynamoDB::GlobalTable")
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert is_key(table["Replicas"][0]["SSESpecification"]["KMSMasterKeyId"])
    [files] = [one for id_, one in data.all("AWS::S3::Bucket").items() if id_.startswith("Files")]
    [rule] = files["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert is_key(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"])
    assert is_key(data.one("AWS::SecretsManager::Secret")["KmsKeyId"])
    encrypted = {"SQS::Queue": "KmsMasterKeyId", "Logs::LogGroup": "KmsKeyId", "SNS::Topic": "KmsMasterKeyId"}
    for type_, name in encrypted.items():
        resources = everything.service.all(f"AWS::{type_}")
        assert resources
        assert [id_ for id_, one in resources.items() if not is_key(one[name])] == []


def test_the_key_policy_admits_the_services_that_need_it(everything: Templates) -> None:
    policy = _stage_key(everything.data)[1]["KeyPolicy"]["Statement"]
    logs, rules, alarms = (one for one in policy if "Service" in one["Principal"])
    assert plain(logs["Principal"]["Service"]) == "logs.<AWS::Region>.amazonaws.com"
    context = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert plain(context).endswith(":log-group:/aws/*/invoicing-everything*")
    assert rules["Principal"]["Service"] == "events.amazonaws.com"
    assert "Condition" not in rules
    assert alarms["Principal"]["Service"] == [f"{service}.amazonaws.com" for service in ("cloudwatch", "costalerts")]
    assert alarms["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert actions(rules) == actions(alarms) == ["kms:Decrypt", "kms:GenerateDataKey*"]
    of_account = [one for one in policy if "AWS" in one["Principal"] and one["Principal"]["AWS"] != "*"]
    assert {plain(one["Principal"]["AWS"]) for one in of_account} == {"arn:<AWS::Partition>:iam::<AWS::AccountId>:root"}
    # Beside the administration, the account may use it through Secrets Manager only.
    others = [one for one in of_account if one["Action"] != "kms:*"]
    assert {plain(one["Condition"]["StringEquals"][_VIA]) for one in others} == {
        "secretsmanager.<AWS::Region>.amazonaws.com"
    }


def test_functions_use_a_new_key_before_their_stack_changes(everything: Templates) -> None:
    """The data stack is deployed first; until a stack has changed, its functions have no permission on the key."""
    policy = _stage_key(everything.data)[1]["KeyPolicy"]["Statement"]
    [statement] = [one for one in policy if one["Principal"] == {"AWS": "*"}]
    assert set(actions(statement)) == _WRITE
    assert set(statement["Condition"]) == {"StringEquals"}
    condition = statement["Condition"]["StringEquals"]
    assert plain(condition["kms:CallerAccount"]) == "<AWS::AccountId>"
    services = ("dynamodb", "s3", "secretsmanager", "sqs")
    assert [plain(one) for one in condition[_VIA]] == [f"{service}.<AWS::Region>.amazonaws.com" for service in services]
    for found in deployed(opted_in=frozenset({"malware_scan", "object_lock"})):
        assert set(_on_key(everything.service, found.name)) <= set(services), found.name


def test_the_key_rotates_and_is_never_deleted_with_its_stack(everything: Templates) -> None:
    keys = [one for one in everything.data.template["Resources"].values() if one["Type"] == "AWS::KMS::Key"]
    assert len(keys) == 2
    for resource in keys:
        assert resource["Properties"]["EnableKeyRotation"] is True
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_a_stage_without_the_setting_has_only_the_secrets_key(templates: Templates) -> None:
    [secrets] = templates.data.all("AWS::KMS::Key")
    assert secrets.startswith("SecretsKey")
    uses = {
        (found.name, action)
        for found in deployed()
        for one in templates.service.statements_of(found.name)
        for action in actions(one)
        if action.startswith("kms:")
    }
    mails = ("send_email", "resend_deferred_emails")
    opened = ("deliver_webhook", "send_test_webhook", *mails)
    sealed = ("create_webhook_endpoint", "rotate_webhook_secret", *mails)
    assert uses == {(one, "kms:Decrypt") for one in opened} | {(one, "kms:Encrypt") for one in sealed}


def test_a_setting_logs_each_access_to_a_file(templates: Templates, everything: Templates) -> None:
    buckets = everything.data.all("AWS::S3::Bucket")
    [(log_id, log)] = [(id_, one) for id_, one in buckets.items() if id_.startswith("AccessLog")]
    [files] = [one for id_, one in buckets.items() if id_.startswith("Files")]
    assert files["LoggingConfiguration"]["DestinationBucketName"] == {"Ref": log_id}
    [rule] = log["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], rule["Status"]) == (90, "Enabled")
    assert set(log["PublicAccessBlockConfiguration"].values()) == {True}
    policies = everything.data.all("AWS::S3::BucketPolicy").values()
    [policy] = [one["PolicyDocument"]["Statement"] for one in policies if one["Bucket"] == {"Ref": log_id}]
    assert {str(one["Principal"]) for one in policy} >= {"{'Service': 'logging.s3.amazonaws.com'}"}
    assert "LoggingConfiguration" not in templates.data.one("AWS::S3::Bucket")
