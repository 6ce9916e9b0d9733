"""Monthly backups of table and files (AWS Backup), in a vault that can be locked."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_backup as backup
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Settings

_DAYS_A_MONTH = 31
_MIN_RETENTION = Duration.days(_DAYS_A_MONTH)
"""The shortest retention that a locked vault accepts. Fixed, because a lock in compliance mode never changes again."""
_COOLING_OFF = Duration.days(3)
"""The time in which a lock in compliance mode can be removed. AWS requires three days at least."""
_BACKS_UP = ("service-role/AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup")
_RESTORES = ("service-role/AWSBackupServiceRolePolicyForRestores", "AWSBackupServiceRolePolicyForS3Restore")


def monthly_backups(
    scope: Construct, settings: Settings, table: dynamodb.ITableV2, files: s3.IBucket, key: kms.IKey | None
) -> None:
    """A backup on the first of each month, kept for the months that the stage sets; none if it sets none."""
    if not settings.backup_months:
        return
    kept = Duration.days(settings.backup_months * _DAYS_A_MONTH)
    vault = backup.BackupVault(
        scope,
        "Backups",
        # Vaults are retained, and another key needs another vault: it has a name of its own, because names are unique.
        backup_vault_name=f"{settings.name}-customer-key" if key else settings.name,
        encryption_key=key,
        lock_configuration=_lock(settings),
        removal_policy=settings.removal,
    )
    monthly = backup.BackupPlanRule(
        rule_name="monthly",
        backup_vault=vault,
        schedule_expression=events.Schedule.cron(minute="0", hour="2", day="1"),
        delete_after=kept,
    )
    plan = backup.BackupPlan(scope, "BackupPlan", backup_plan_name=settings.name, backup_plan_rules=[monthly])
    plan.add_selection(
        "Data",
        resources=[backup.BackupResource.from_arn(arn) for arn in (table.table_arn, files.bucket_arn)],
        role=_role(scope, "BackupRole", _BACKS_UP),
        disable_default_backup_policy=True,
    )
    CfnOutput(scope, "BackupVaultName", value=vault.backup_vault_name)
    # Separate, so that the monthly job can write nothing. An operator passes it to a restore.
    CfnOutput(scope, "RestoreRoleArn", value=_role(scope, "RestoreRole", _RESTORES).role_arn)


def _role(scope: Construct, id_: str, policies: Sequence[str]) -> iam.Role:
    return iam.Role(
        scope,
        id_,
        assumed_by=iam.ServicePrincipal("backup.amazonaws.com"),
        # AWS extends these policies with the resource types of AWS Backup.
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(name) for name in policies],
    )


def _lock(settings: Settings) -> backup.LockConfiguration | None:
    if settings.backup_lock == "off":
        return None
    changeable_for = _COOLING_OFF if settings.backup_lock == "compliance" else None
    return backup.LockConfiguration(min_retention=_MIN_RETENTION, changeable_for=changeable_for)
