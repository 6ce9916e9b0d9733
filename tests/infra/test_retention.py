"""Locks, backups and replicas of the data, by stage setting."""

import json
from typing import Any

from tests.infra.templates import Stack, Templates, actions, plain


def _bucket(stack: Stack, id_: str) -> dict[str, Any]:
    [found] = [one for name, one in stack.all("AWS::S3::Bucket").items() if name.startswith(id_)]
    return found


def _replica(templates: Templates) -> Stack:
    [found] = [stack for stack in templates.stacks if stack.name.endswith("-replica")]
    return found


def test_a_setting_locks_documents_and_no_other_files(templates: Templates, everything: Templates) -> None:
    """A default retention would lock drafts' notes and uploads too; each issued document has its own date."""
    for stack, id_ in ((everything.data, "Files"), (_replica(everything), "Replica")):
        bucket = _bucket(stack, id_)
        assert bucket["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "ObjectLockConfiguration" not in _bucket(templates.data, "Files")


def test_locking_changes_the_bucket_in_place(everything: Templates) -> None:
    """A change of the property `ObjectLockEnabled` would replace the bucket of an existing stage by an empty one."""
    buckets = [one for stack in everything.stacks for one in stack.all("AWS::S3::Bucket").values()]
    assert len(buckets) >= 3
    assert [one for one in buckets if "ObjectLockEnabled" in one] == []


def test_only_rendering_functions_may_lock_files(templates: Templates, everything: Templates) -> None:
    def locking(stack: Stack) -> set[str]:
        return {
            name
            for name in stack.functions()
            for statement in stack.statements_of(name)
            if "s3:PutObjectRetention" in actions(statement)
        }

    renderers = {"render_document", "render_dunning_document", "render_run_document"}
    assert locking(everything.service) == {*renderers, "retain_entry"}
    assert "retain_entry" not in templates.service.functions()
    assert locking(templates.service) == set()
    assert not [stack.name for stack in everything.stacks if "s3:BypassGovernanceRetention" in stack.text]
    for found, value in ((everything, "GOVERNANCE 10"), (templates, "")):
        environment = found.service.functions()["render_document"]["Environment"]["Variables"]
        assert environment["FILES_RETENTION"] == value


def test_table_and_files_are_backed_up_each_month(templates: Templates, everything: Templates) -> None:
    vault = everything.data.one("AWS::Backup::BackupVault")
    assert vault["LockConfiguration"] == {"MinRetentionDays": 31, "ChangeableForDays": 3}
    assert "EncryptionKeyArn" in vault
    assert vault["BackupVaultName"] == "invoicing-everything-customer-key"
    [rule] = everything.data.one("AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    assert rule["ScheduleExpression"] == "cron(0 2 1 * ? *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 372}
    selected = everything.data.one("AWS::Backup::BackupSelection")["BackupSelection"]["Resources"]
    assert [plain(one)[:6] for one in selected] == ["<Table", "<Files"]
    assert templates.data.all("AWS::Backup::BackupVault") == {}


def test_backups_can_be_restored_and_by_another_role(templates: Templates, everything: Templates) -> None:
    """The runbook names the vault and the role by these outputs."""
    outputs = everything.data.template["Outputs"]
    assert {"BackupVaultName", "RestoreRoleArn"} <= outputs.keys()
    assert not {"BackupVaultName", "RestoreRoleArn"} & templates.data.template["Outputs"].keys()
    roles = everything.data.all("AWS::IAM::Role").items()
    backup, restore = (next(one for name, one in roles if name.startswith(role)) for role in ("Backup", "Restore"))
    allowed = [plain(one).rpartition("/")[2] for one in restore["ManagedPolicyArns"]]
    assert allowed == ["AWSBackupServiceRolePolicyForRestores", "AWSBackupServiceRolePolicyForS3Restore"]
    [statement] = restore["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "backup.amazonaws.com"}
    assert "Restore" not in str(backup["ManagedPolicyArns"])


def test_the_backup_vault_is_kept_with_its_stack_deleted(everything: Templates) -> None:
    resources = everything.data.template["Resources"].values()
    [vault] = [one for one in resources if one["Type"] == "AWS::Backup::BackupVault"]
    assert vault["DeletionPolicy"] == "Retain"


def test_a_setting_replicates_table_and_files(templates: Templates, everything: Templates) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    own, replica = everything.data.one("AWS::DynamoDB::GlobalTable")["Replicas"]
    assert "PointInTimeRecoverySpecification" in own
    assert replica == {
        "Region": "eu-west-1",
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"KMSMasterKeyId": key},
    }
    [rule] = _bucket(everything.data, "Files")["ReplicationConfiguration"]["Rules"]
    assert (rule["Status"], rule["DeleteMarkerReplication"]) == ("Enabled", {"Status": "Enabled"})
    assert (
        plain(rule["Destination"]["Bucket"])
        == "arn:<AWS::Partition>:s3:::invoicing-everything-replica-eu-west-1-<AWS::AccountId>"
    )
    assert rule["Destination"]["EncryptionConfiguration"] == {"ReplicaKmsKeyID": key}
    assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    assert len(templates.data.one("AWS::DynamoDB::GlobalTable")["Replicas"]) == 1
    assert "ReplicationConfiguration" not in _bucket(templates.data, "Files")


def test_the_replica_is_in_its_region_and_deployed_first(everything: Templates) -> None:
    replica = _replica(everything)
    manifest = json.loads((replica.assembly / "manifest.json").read_text())["artifacts"]
    assert manifest[replica.name]["environment"] == "aws://unknown-account/eu-west-1"
    assert replica.name in manifest[everything.data.name]["dependencies"]
    assert plain(_bucket(replica, "Replica")["BucketName"]) == "invoicing-everything-replica-eu-west-1-<AWS::AccountId>"
    [resource] = [one for one in replica.template["Resources"].values() if one["Type"] == "AWS::S3::Bucket"]
    assert resource["DeletionPolicy"] == "Retain"


def test_s3_replicates_the_files_with_their_locks_only(everything: Templates) -> None:
    [policy] = [
        one["PolicyDocument"]["Statement"]
        for id_, one in everything.data.all("AWS::IAM::Policy").items()
        if id_.startswith("ReplicationRole")
    ]
    used = {action for statement in policy for action in actions(statement)}
    assert used == {
        "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold",
        "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "kms:Decrypt", "kms:Encrypt",
    }  # fmt: skip
