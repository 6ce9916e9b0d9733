"""The resources that must not be lost: table, files, bus and archive, keys, cursor secret, mail configuration."""

from aws_cdk import CfnOutput, Stack, Tags
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.constructs.backup import monthly_backups
from infra.constructs.buckets import files_bucket
from infra.constructs.event_bus import event_bus
from infra.constructs.key import customer_key, secrets_key
from infra.constructs.replication import replicate
from infra.constructs.schema_registry import schema_registry
from infra.constructs.table import table
from infra.settings import Settings

_MAIL_EVENTS = ("SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT")


class DataStack(Stack):
    """Protected and retained: they stay when the service or, outside the embedded AWS, this stack is deleted."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope,
            f"{settings.name}-data",
            description="Invoicing: table, files, bus. Holds what must not be lost.",
            termination_protection=not settings.embedded,
            suppress_template_indentation=True,
        )
        self.key = customer_key(self, settings)
        self.table = table(self, settings, self.key)
        self.files = files_bucket(self, settings, self.key)
        replicate(self, settings, self.files, self.key)
        monthly_backups(self, settings, self.table, self.files, self.key)
        self.bus = event_bus(self, settings)
        if not settings.embedded:  # which has no schema registry
            schema_registry(self, settings)
        self.cursor_secret = secretsmanager.Secret(
            self,
            "CursorSecret",
            description="Signs the cursors of lists. A new value makes the cursors in use invalid, and nothing else.",
            generate_secret_string=secretsmanager.SecretStringGenerator(exclude_punctuation=True, password_length=43),
            encryption_key=self.key,
            removal_policy=settings.removal,
        )
        self.secrets_key = secrets_key(self, settings)
        self.mail = ses.ConfigurationSet(
            self,
            "Mail",
            configuration_set_name=settings.name,
            reputation_metrics=True,
            # Invoices are never sent in clear text.
            tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE,
        )
        self.mail.add_event_destination(
            "MailEvents",
            # SES publishes its events on the account's default bus only.
            destination=ses.EventDestination.event_bus(events.EventBus.from_event_bus_name(self, "Default", "default")),
            events=[getattr(ses.EmailSendingEvent, name) for name in _MAIL_EVENTS],
        )
        CfnOutput(self, "TableName", value=self.table.table_name)
        CfnOutput(self, "FilesBucketName", value=self.files.bucket_name)
        CfnOutput(self, "BusName", value=self.bus.event_bus_name)
        CfnOutput(self, "CursorSecretArn", value=self.cursor_secret.secret_arn)
        Tags.of(self).add("service", settings.name)

    def key_in(self, scope: Construct) -> kms.IKey | None:
        """The stage's key for the resources of another stack, which cannot change its policy."""
        return None if self.key is None else kms.Key.from_key_arn(scope, "Key", self.key.key_arn)
