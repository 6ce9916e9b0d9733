"""The only table."""

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.settings import Settings
from invoicing.store import keys

_STRING = dynamodb.AttributeType.STRING


def table(scope: Construct, settings: Settings) -> dynamodb.TableV2:
    """The table with all of a company's invoices; keys and indexes are those that the key module builds."""
    return dynamodb.TableV2(
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


def _index(name: str, index: keys.Index) -> dynamodb.GlobalSecondaryIndexPropsV2:
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=name,
        partition_key=dynamodb.Attribute(name=index.partition, type=_STRING),
        sort_key=dynamodb.Attribute(name=index.sort, type=_STRING),
        projection_type=dynamodb.ProjectionType[index.projection],
    )
