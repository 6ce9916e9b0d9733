"""Replication of the files into the bucket of another region."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra import names
from infra.settings import Settings

_Replication = s3.CfnBucket.ReplicationConfigurationProperty
_Rule = s3.CfnBucket.ReplicationRuleProperty


def replicate(scope: Construct, settings: Settings, files: s3.Bucket, key: kms.IKey | None) -> None:
    """Copy each new file, with its lock, and each deletion."""
    if settings.replica_region is None:
        return
    replica = names.replica_bucket_arn(settings)
    role = iam.Role(scope, "ReplicationRole", assumed_by=iam.ServicePrincipal("s3.amazonaws.com"))
    for statement in _permissions(settings, files, replica, key):
        role.add_to_policy(statement)
    resource = files.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101 — a type check of the CDK's bucket
    resource.replication_configuration = _Replication(role=role.role_arn, rules=[_rule(settings, replica)])


def _rule(settings: Settings, replica: str) -> _Rule:
    encrypted = settings.replica_key_arn
    return _Rule(
        id="replica",
        priority=1,
        status="Enabled",
        filter=s3.CfnBucket.ReplicationRuleFilterProperty(prefix=""),
        delete_marker_replication=s3.CfnBucket.DeleteMarkerReplicationProperty(status="Enabled"),
        destination=s3.CfnBucket.ReplicationDestinationProperty(
            bucket=replica,
            encryption_configuration=s3.CfnBucket.EncryptionConfigurationProperty(replica_kms_key_id=encrypted)
            if encrypted
            else None,
        ),
        source_selection_criteria=s3.CfnBucket.SourceSelectionCriteriaProperty(
            sse_kms_encrypted_objects=s3.CfnBucket.SseKmsEncryptedObjectsProperty(status="Enabled")
        )
        if encrypted
        else None,
    )


def _permissions(
    settings: Settings, files: s3.IBucket, replica: str, key: kms.IKey | None
) -> list[iam.PolicyStatement]:
    read = ("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging")
    locks = ("s3:GetObjectRetention", "s3:GetObjectLegalHold")
    written = ("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags")
    allowed = [
        iam.PolicyStatement(actions=["s3:GetReplicationConfiguration", "s3:ListBucket"], resources=[files.bucket_arn]),
        iam.PolicyStatement(actions=[*read, *locks], resources=[files.arn_for_objects("*")]),
        iam.PolicyStatement(actions=list(written), resources=[f"{replica}/*"]),
    ]
    if key is not None and settings.replica_key_arn is not None:
        allowed += [
            _key_through_s3("kms:Decrypt", key.key_arn, Aws.REGION),
            _key_through_s3("kms:Encrypt", settings.replica_key_arn, str(settings.replica_region)),
        ]
    return allowed


def _key_through_s3(action: str, key_arn: str, region: str) -> iam.PolicyStatement:
    conditions = {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}
    return iam.PolicyStatement(actions=[action], resources=[key_arn], conditions=conditions)
