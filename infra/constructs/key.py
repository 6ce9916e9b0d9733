"""The stage's own key (AWS KMS), and the permissions to use it."""

from collections.abc import Iterable, Mapping

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.settings import Settings

_DECRYPT = ("kms:Decrypt",)
_ENCRYPT = ("kms:GenerateDataKey",)
_DELIVER = ("kms:Decrypt", "kms:GenerateDataKey*")
_SERVICES = ("dynamodb", "s3", "secretsmanager", "sqs")
"""The services through which the account's principals may use the key."""
_READ_TABLE = ("kms:Decrypt", "kms:DescribeKey")
_WRITE_TABLE = (*_READ_TABLE, "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")
_USED_BY: Mapping[str, tuple[str, ...]] = {
    **{f"dynamodb:{operation}": _READ_TABLE for operation in ("GetItem", "BatchGetItem", "Query", "GetRecords")},
    **{f"dynamodb:{operation}": _WRITE_TABLE for operation in ("PutItem", "UpdateItem", "DeleteItem")},
    "s3:GetObject": _DECRYPT,
    "s3:PutObject": _ENCRYPT,
    "secretsmanager:GetSecretValue": _DECRYPT,
    "sqs:ReceiveMessage": _DECRYPT,
    "sqs:SendMessage": (*_DECRYPT, *_ENCRYPT),
}
"""The uses of the key that an action on an encrypted resource needs."""


def customer_key(scope: Construct, settings: Settings) -> kms.Key | None:
    """The key for table, files, queues, logs, alarms and the cursors' secret; None where AWS's own keys are used.

    The bus keeps AWS's key: its events are encrypted with the key of the queues that they are delivered to.
    """
    if not settings.customer_key:
        return None
    of_account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
    through_services = {
        "StringEquals": {
            "kms:CallerAccount": Aws.ACCOUNT_ID,
            "kms:ViaService": [f"{service}.{Aws.REGION}.amazonaws.com" for service in _SERVICES],
        }
    }
    logs = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:/aws/*/{settings.name}*"
    policy = [
        # Without it, nobody could change the key's policy.
        _allowed(iam.AccountRootPrincipal(), ("kms:*",)),
        # Like the policies of AWS's own keys: principals that may read the data may decrypt it. When the key is
        # switched on, the data stack changes first, and functions of other stacks have no permission on the key yet.
        _allowed(iam.AnyPrincipal(), _WRITE_TABLE, through_services),
        _allowed(
            iam.ServicePrincipal(f"logs.{Aws.REGION}.amazonaws.com"),
            ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"),
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
        ),
        # Rules deliver events to encrypted queues. Without a condition: for targets of rules, AWS documents no
        # `aws:SourceAccount` in the policy of a key, and the policy of each queue admits its rule only.
        _allowed(iam.ServicePrincipal("events.amazonaws.com"), _DELIVER),
        # Alarms, also about costs, publish to the encrypted topic.
        *(
            _allowed(iam.ServicePrincipal(f"{service}.amazonaws.com"), _DELIVER, of_account)
            for service in ("cloudwatch", *(["costalerts"] if settings.thresholds.cost_usd else []))
        ),
    ]
    return kms.Key(
        scope,
        "Key",
        alias=f"alias/{settings.name}",
        description=f"Encrypts the data of {settings.name}.",
        enable_key_rotation=True,
        policy=iam.PolicyDocument(statements=policy),
        # Without the key, all that it encrypted is lost.
        removal_policy=settings.removal,
    )


def secrets_key(scope: Construct, settings: Settings) -> kms.Key:
    """The key for the secrets of tenants, such as those that sign webhooks. IAM alone decides who may use it.

    It is separate from the stage's own key, which can be switched on later: no key decrypts the data of another one. A
    replica of it can be created in the region of the replica.
    """
    return kms.Key(
        scope,
        "SecretsKey",
        alias=f"alias/{settings.name}-secrets",
        description=f"Encrypts the secrets of tenants of {settings.name}.",
        enable_key_rotation=True,
        multi_region=not settings.embedded,
        removal_policy=settings.removal,
    )


def uses_of_key(statements: Iterable[iam.PolicyStatement], key: kms.IKey | None) -> list[iam.PolicyStatement]:
    """The permissions on the key that these permissions need: each through its service alone."""
    if key is None:
        return []
    needed: dict[str, set[str]] = {}
    for action in (one for statement in statements for one in statement.actions):
        needed.setdefault(action.partition(":")[0], set()).update(_USED_BY.get(action, ()))
    return [
        iam.PolicyStatement(
            actions=sorted(uses),
            resources=[key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"{service}.{Aws.REGION}.amazonaws.com"}},
        )
        for service, uses in sorted(needed.items())
        if uses
    ]


def _allowed(
    principal: iam.IPrincipal, actions: Iterable[str], conditions: Mapping[str, Mapping[str, object]] | None = None
) -> iam.PolicyStatement:
    # In the policy of a key, `*` is this key.
    return iam.PolicyStatement(principals=[principal], actions=list(actions), resources=["*"], conditions=conditions)
