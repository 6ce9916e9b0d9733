"""The permissions of functions in AWS, which each declares beside its code.

A grant is the one source for the function's IAM policy, for the environment it gets and for the test that compares
declared and used permissions.
"""

from enum import Enum


class Resource(Enum):
    """A resource in the account that a grant is about; the value is the environment variable that names it."""

    TABLE = "TABLE_NAME"
    FILES = "FILES_BUCKET"
    RETENTION = "FILES_RETENTION"
    """The lock of issued documents, where the stage has one."""
    BUS = "BUS_NAME"
    BASE_URL = "BASE_URL_PARAMETER"
    CURSOR_SECRET = "CURSOR_SECRET"  # noqa: S105 — the name of a variable that has the secret's name
    """The secret that signs the cursors of lists."""
    EMAIL = "EMAIL_CONFIGURATION_SET"
    SECRETS_KEY = "SECRETS_KEY"
    """The key that encrypts the secrets of tenants."""
    WEBHOOK_TARGETS = "WEBHOOK_TARGETS"
    """Where webhooks may go: the ports, and whether loopback is allowed."""
    WEBHOOK_QUEUE = "WEBHOOK_QUEUE_URL"
    DEAD_LETTERS = "DEAD_LETTERS_URL"
    """The consumer's own dead-letter queue."""


class Grant(Enum):
    """One permission in the terms of the business: a resource and the IAM actions on it."""

    resource: Resource
    actions: tuple[str, ...]
    partitions: tuple[str, ...]
    """For the table: patterns of the partition keys that the grant allows, as IAM reads them."""

    def __init__(self, resource: Resource, actions: tuple[str, ...], partitions: tuple[str, ...] = ()) -> None:
        self.resource = resource
        self.actions = actions
        self.partitions = partitions

    READ = (Resource.TABLE, ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"), ("T#*",))
    COMMIT = (
        Resource.TABLE,
        ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"),
        ("T#*",),
    )
    NOTE_USE = (Resource.TABLE, ("dynamodb:UpdateItem",), ("T#*",))
    # Without a grant that names them, a function reaches no partition keys without a tenant.
    REACH_SECRETS = (Resource.TABLE, (), ("KEY#*",))
    REACH_LINKS = (Resource.TABLE, (), ("LINK#*",))
    REACH_PAGES = (Resource.TABLE, (), ("PAGE#*",))
    REACH_OUTBOX = (Resource.TABLE, (), ("OUTBOX#*",))
    REACH_DEFERRED_MAILS = (Resource.TABLE, (), ("MAILS",))
    REACH_DUE = (Resource.TABLE, (), ("DUE#*",))
    LIST_TENANTS = (Resource.TABLE, ("dynamodb:Query",), ("TENANTS",))
    READ_FILES = (Resource.FILES, ("s3:GetObject",))
    MISS_FILES = (Resource.FILES, ("s3:ListBucket",))
    """Distinguish a missing file from a forbidden one: without this, S3 responds to both with AccessDenied."""
    READ_TAGS = (Resource.FILES, ("s3:GetObjectTagging",))
    WRITE_FILES = (Resource.FILES, ("s3:PutObject",))
    RETAIN_FILES = (Resource.RETENTION, ("s3:PutObjectRetention",))
    """Lock the files that are stored until the end of their retention."""
    DELETE_FILES = (Resource.FILES, ("s3:DeleteObject",))
    PUBLISH = (Resource.BUS, ("events:PutEvents",))
    SIGN_CURSORS = (Resource.CURSOR_SECRET, ("secretsmanager:GetSecretValue",))
    """Every list has this grant implicitly, with those to write and read files."""
    READ_BASE_URL = (Resource.BASE_URL, ("ssm:GetParameter",))
    SEAL_SECRETS = (Resource.SECRETS_KEY, ("kms:Encrypt",))
    OPEN_SECRETS = (Resource.SECRETS_KEY, ("kms:Decrypt",))
    QUEUE_WEBHOOKS = (Resource.WEBHOOK_QUEUE, ("sqs:SendMessage",))
    JUDGE_URLS = (Resource.WEBHOOK_TARGETS, ())
    """Know where webhooks may go. It needs no permission on AWS."""
    SEND_EMAIL = (Resource.EMAIL, ("ses:SendEmail",))
    SEND_TO_DLQ = (Resource.DEAD_LETTERS, ("sqs:SendMessage",))
