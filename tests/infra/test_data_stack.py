"""The stack with the resources that must not be lost."""

import aws_cdk
import pytest
from aws_cdk.assertions import Template

from functions.events.invoice_completed_order import handler as invoice_completed_order
from infra.constructs.event_bus import event_bus, subscription
from infra.event_registry import registered, registry_of
from infra.settings import Settings
from invoicing.store import keys
from tests.infra.templates import Stack, Templates, plain


def _schema(of: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in of["KeySchema"]}


def test_the_table_has_the_keys_and_indexes_of_the_key_module(templates: Templates) -> None:
    table = templates.data.one("AWS::DynamoDB::GlobalTable")
    assert _schema(table) == {"HASH": keys.PARTITION, "RANGE": keys.SORT}
    indexes = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    assert set(indexes) == set(keys.INDEXES)
    for name, index in keys.INDEXES.items():
        assert _schema(indexes[name]) == {"HASH": index.partition, "RANGE": index.sort}
        assert indexes[name]["Projection"] == {"ProjectionType": index.projection}


def test_the_table_can_be_restored_and_not_be_deleted(templates: Templates) -> None:
    table = templates.data.one("AWS::DynamoDB::GlobalTable")
    [replica] = table["Replicas"]
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert replica["DeletionProtectionEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "purge_at", "Enabled": True}


def _kept(stack: Stack) -> set[str]:
    return {
        resource["Type"]
        for resource in stack.template["Resources"].values()
        if resource.get("DeletionPolicy") == "Retain"
    }


def test_data_resources_are_retained_with_the_stack_deleted(templates: Templates, embedded: Templates) -> None:
    holding = {"AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
    assert holding <= _kept(templates.data)
    assert _kept(embedded.data) == set()


def test_files_are_versioned_encrypted_and_never_public(templates: Templates) -> None:
    bucket = templates.data.one("AWS::S3::Bucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    deleted, arriving = bucket["LifecycleConfiguration"]["Rules"]
    assert deleted["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert deleted["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert "ExpirationInDays" not in deleted
    assert (arriving["Prefix"], arriving["ExpirationInDays"]) == ("incoming/", 1)
    assert arriving["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_uploads_send_events_without_a_function_of_the_cdk(templates: Templates) -> None:
    bucket = templates.data.one("AWS::S3::Bucket")
    told = bucket["NotificationConfiguration"]["EventBridgeConfiguration"]
    assert told == {"EventBridgeEnabled": True}
    assert templates.data.functions() == {}


def test_upload_origins_equal_the_origins_of_the_api(templates: Templates, everything: Templates) -> None:
    assert "CorsConfiguration" not in templates.data.one("AWS::S3::Bucket")
    [files] = [one for id_, one in everything.data.all("AWS::S3::Bucket").items() if id_.startswith("Files")]
    [rule] = files["CorsConfiguration"]["CorsRules"]
    assert (rule["AllowedMethods"], rule["AllowedOrigins"]) == (
        ["POST"],
        ["https://app.example.com", "https://admin.example.com"],
    )


def test_files_are_transferred_encrypted_only(templates: Templates) -> None:
    policy = templates.data.one("AWS::S3::BucketPolicy")["PolicyDocument"]
    [statement] = policy["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_events_are_archived(templates: Templates) -> None:
    archive = templates.data.one("AWS::Events::Archive")
    assert archive["EventPattern"] == {"source": ["invoicing"]}
    assert archive["RetentionDays"] == 30


def test_mail_is_transferred_encrypted_only(templates: Templates) -> None:
    assert templates.data.one("AWS::SES::ConfigurationSet")["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}


def test_the_embedded_stack_omits_unsupported_properties(embedded: Templates) -> None:
    assert embedded.data.all("AWS::Events::Archive") == {}
    assert embedded.data.all("AWS::S3::BucketPolicy") == {}
    [replica] = embedded.data.one("AWS::DynamoDB::GlobalTable")["Replicas"]
    assert replica.get("DeletionProtectionEnabled", False) is False


def test_outputs_have_the_names_of_the_resources(templates: Templates) -> None:
    outputs = set(templates.data.template["Outputs"]) | set(templates.service.template["Outputs"])
    assert {"ApiUrl", "BaseUrlOfLinks", "TableName", "FilesBucketName", "BusName", "CursorSecretArn"} <= outputs


def test_the_registry_has_the_schema_of_each_event(templates: Templates, embedded: Templates) -> None:
    registries = templates.data.all("AWS::EventSchemas::Registry").values()
    found = templates.data.all("AWS::EventSchemas::Schema").values()
    assert {one["SchemaName"]: one["Content"] for one in found} == registered()
    assert {one["RegistryName"] for one in found} == {one["RegistryName"] for one in registries}
    assert all(one["RegistryName"] == registry_of(one["SchemaName"], "invoicing-dev") for one in found)
    assert {one["Type"] for one in found} == {"OpenApi3"}
    assert "AWS::EventSchemas::" not in embedded.data.text


def test_other_accounts_change_only_their_own_rules(templates: Templates, everything: Templates) -> None:
    assert templates.data.all("AWS::Events::EventBusPolicy") == {}
    policies = everything.data.all("AWS::Events::EventBusPolicy").values()
    assert {policy["StatementId"] for policy in policies} == {"Rules", "Consumers"}
    for statement in (policy["Statement"] for policy in policies):
        assert [plain(one) for one in statement["Principal"]["AWS"]] == ["arn:<AWS::Partition>:iam::123456789012:root"]
        assert "events:PutEvents" not in statement["Action"]
        created = {"events:creatorAccount": "${aws:PrincipalAccount}"}
        assert statement["Condition"]["StringEqualsIfExists"] == created
        assert plain(statement["Resource"]).endswith(":rule/invoicing-everything/*")


def test_rules_of_other_accounts_name_our_source(everything: Templates) -> None:
    """A rule without a source would match the events of all senders on the bus."""
    policies = everything.data.all("AWS::Events::EventBusPolicy").values()
    [statement] = [one["Statement"] for one in policies if "events:PutRule" in one["Statement"]["Action"]]
    assert statement["Action"] == ["events:PutRule"]
    assert statement["Condition"]["Null"] == {"events:source": "false"}
    assert statement["Condition"]["ForAllValues:StringEquals"] == {"events:source": ["invoicing"]}


def test_a_stage_accepts_the_events_of_its_sources(templates: Templates, everything: Templates) -> None:
    for found, state in ((templates, "ENABLED"), (everything, "DISABLED")):
        rules = found.service.all("AWS::Events::Rule").values()
        assert {rule["State"] for rule in rules if rule["EventPattern"]["source"] == ["orders"]} == {state}
        assert {rule["State"] for rule in rules if rule["EventPattern"]["source"] == ["invoicing"]} == {"ENABLED"}


@pytest.mark.parametrize(
    ("accepted", "pattern", "state"),
    [((), ["orders"], "DISABLED"), (("shop", "erp.orders"), ["shop", "erp.orders"], "ENABLED")],
)
def test_a_stage_names_the_services_whose_events_it_accepts(
    accepted: tuple[str, ...], pattern: list[str], state: str
) -> None:
    stack = aws_cdk.Stack()
    settings = Settings(event_sources=accepted)
    subscription(stack, event_bus(stack, settings), settings, invoice_completed_order, "files", key=None)
    [rule] = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    assert (rule["Properties"]["EventPattern"]["source"], rule["Properties"]["State"]) == (pattern, state)
