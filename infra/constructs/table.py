"""The only table."""

from typing import Any

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.settings import Settings
from invoicing.store import keys

_STRING = dynamodb.AttributeType.STRING


def table(scope: Construct, settings: Settings, key: kms.IKey | None) -> dynamodb.TableV2:
    """The table with all of a company's invoices; keys and indexes are those that the key module builds."""
    built = dynamodb.TableV2(
        scope,
        "Table",
        partition_key=dynamodb.Attribute(name=keys.PARTITION, type=_STRING),
        sort_key=dynamodb.Attribute(name=keys.SORT, type=_STRING),
        global_secondary_indexes=[_index(name, index) for name, index in sorted(keys.INDEXES.items())],
        billing=dynamodb.Billing.on_demand(),
        encryption=dynamodb.TableEncryptionV2.dynamo_owned_key(),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        time_to_live_attribute=keys.PURGE_AT,
        dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
        deletion_protection=not settings.embedded,
        removal_policy=settings.removal,
    )
    # The CDK's own properties for keys and replicas require that the stack names its region.
    resource = built.node.default_child
    assert isinstance(resource, dynamodb.CfnGlobalTable)  # noqa: S101 — a type check of the CDK's table
    if key is not None:
        resource.sse_specification = dynamodb.CfnGlobalTable.SSESpecificationProperty(sse_enabled=True, sse_type="KMS")
        resource.add_property_override("Replicas.0.SSESpecification.KMSMasterKeyId", key.key_arn)
    if settings.replica_region is not None:
        resource.add_property_override("Replicas.1", _replica(settings.replica_region, settings.replica_key_arn))
    return built


def _replica(region: str, key_arn: str | None) -> dict[str, Any]:
    """The table in another region, as well protected as the first."""
    return {
        "Region": region,
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        **({"SSESpecification": {"KMSMasterKeyId": key_arn}} if key_arn else {}),
    }


def _index(name: str, index: keys.Index) -> dynamodb.GlobalSecondaryIndexPropsV2:
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=name,
        partition_key=dynamodb.Attribute(name=index.partition, type=_STRING),
        sort_key=dynamodb.Attribute(name=index.sort, type=_STRING),
        projection_type=dynamodb.ProjectionType[index.projection],
    )
