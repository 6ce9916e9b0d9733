"""The bucket of files, and the log of the accesses to it."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Settings
from invoicing.aws.uploads import INCOMING

_LOCKING = s3.CfnBucket.ObjectLockConfigurationProperty(object_lock_enabled="Enabled")
"""Object Lock without a default retention: only issued documents are locked, each by its own date.

The CDK's `object_lock_enabled` sets a property whose change replaces an existing bucket; this one is set in place.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""


def files_bucket(scope: Construct, settings: Settings, key: kms.IKey | None) -> s3.Bucket:
    """Rendered documents and attachments, stored once under their hash, and uploads, for a day at most."""
    log = _access_log(scope, settings) if settings.files_access_log else None
    bucket = plain_bucket(scope, "Files", settings, key, log=log)
    # Browsers upload files that are too large for the API with a form of S3.
    if settings.cors_origins:
        bucket.add_cors_rule(
            allowed_methods=[s3.HttpMethods.POST], allowed_origins=list(settings.cors_origins), allowed_headers=["*"]
        )
    # S3 publishes uploads on the default bus. The CDK's own property would deploy a function to configure that.
    _resource(bucket).notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )
    return bucket


def plain_bucket(
    scope: Construct,
    id_: str,
    settings: Settings,
    key: kms.IKey | None,
    *,
    name: str | None = None,
    log: s3.IBucket | None = None,
) -> s3.Bucket:
    """A bucket for files or for their replica: versioned, encrypted, private, and able to lock files."""
    bucket = s3.Bucket(
        scope,
        id_,
        bucket_name=name,
        versioned=True,
        encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=key,
        # One data key for the bucket for some time, not one for each file, because each one costs.
        bucket_key_enabled=True if key else None,
        server_access_logs_bucket=log,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        # The embedded AWS supports plain HTTP only.
        enforce_ssl=not settings.embedded,
        lifecycle_rules=[
            s3.LifecycleRule(
                abort_incomplete_multipart_upload_after=Duration.days(1),
                # A file is never written twice: an old version is a deletion that may have been a mistake.
                noncurrent_version_expiration=Duration.days(90),
                expired_object_delete_marker=True,
            ),
            s3.LifecycleRule(
                prefix=INCOMING, expiration=Duration.days(1), noncurrent_version_expiration=Duration.days(1)
            ),
        ],
        removal_policy=settings.removal,
    )
    if settings.object_lock != "off":
        _resource(bucket).object_lock_configuration = _LOCKING
    return bucket


def _resource(bucket: s3.Bucket) -> s3.CfnBucket:
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)  # noqa: S101 — a type check of the CDK's bucket
    return resource


def _access_log(scope: Construct, settings: Settings) -> s3.Bucket:
    """S3 writes logs only to buckets with its own encryption. They contain IP addresses and names of files."""
    return s3.Bucket(
        scope,
        "AccessLog",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(90))],
        removal_policy=settings.removal,
    )
