"""The bucket in another region that gets a replica of the files. It is deployed before the data stack."""

from aws_cdk import Environment, Stack, Tags
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra import names
from infra.constructs.buckets import plain_bucket
from infra.settings import Settings


class ReplicaStack(Stack):
    """`invoicing-<stage>-replica`, protected and retained like the data itself."""

    def __init__(self, scope: Construct, settings: Settings, region: str) -> None:
        super().__init__(
            scope,
            f"{settings.name}-replica",
            description="Invoicing: the replica of the files.",
            env=Environment(region=region),
            termination_protection=True,
            suppress_template_indentation=True,
        )
        arn = settings.replica_key_arn
        key = None if arn is None else kms.Key.from_key_arn(self, "Key", arn)
        plain_bucket(self, "Replica", settings, key, name=names.replica_bucket_name(settings))
        Tags.of(self).add("service", settings.name)
