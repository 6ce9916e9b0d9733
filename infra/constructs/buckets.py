"""Where files lie."""

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Settings


def files_bucket(scope: Construct, settings: Settings) -> s3.Bucket:
    """Rendered documents and attachments, stored once under their hash."""
    return s3.Bucket(
        scope,
        "Files",
        versioned=True,
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        # The embedded AWS speaks plain HTTP.
        enforce_ssl=not settings.embedded,
        lifecycle_rules=[
            s3.LifecycleRule(
                abort_incomplete_multipart_upload_after=Duration.days(1),
                # A file is never written twice: an old version is a deletion that may have been a mistake.
                noncurrent_version_expiration=Duration.days(90),
                expired_object_delete_marker=True,
            )
        ],
        removal_policy=settings.removal,
    )
