"""`cdk deploy` for the embedded AWS: upload assets, create or update the stacks in order."""

import io
import json
import textwrap
import time
import zipfile
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from infra.local.failure import LocalError
from infra.local.ministack import REGION

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

ACCOUNT = "000000000000"
_DEPLOY_SECONDS = 120
_NO_UPDATES = "No updates"
# A zip with fixed time stamps: the same files always give the same bytes, as in the CDK.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def session() -> boto3.Session:
    """Credentials that only the embedded AWS accepts."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106


def deploy(assembly: Path, endpoint: str, replaced: Mapping[str, str] | None = None) -> dict[str, str]:
    """Create or update the assembly's stacks, each after those it depends on; their outputs together.

    `replaced`: texts of the templates that are known only now.
    """
    manifest = json.loads((assembly / "manifest.json").read_text())
    stacks = {
        name: artifact
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    order = TopologicalSorter(
        {
            name: [needed for needed in artifact.get("dependencies", ()) if needed in stacks]
            for name, artifact in stacks.items()
        }
    )
    clients = session()
    s3 = clients.client("s3", endpoint_url=endpoint)
    cloudformation = clients.client("cloudformation", endpoint_url=endpoint)
    # Templates read this parameter of `cdk bootstrap`.
    clients.client("ssm", endpoint_url=endpoint).put_parameter(
        Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True
    )
    outputs: dict[str, str] = {}
    uploaded: set[tuple[str, str]] = set()
    for name in order.static_order():
        _upload_assets(assembly, name, s3, uploaded, replaced or {})
        properties = stacks[name]["properties"]
        # The template is an asset too: as part of a call it may have 51,200 bytes at most.
        template_url = f"{endpoint}/{_named(properties['stackTemplateAssetObjectUrl']).removeprefix('s3://')}"
        outputs |= _applied(properties.get("stackName", name), template_url, cloudformation)
    return outputs


def api_id(outputs: Mapping[str, str]) -> str:
    """The API's id, which is the first label of its address."""
    return outputs["ApiUrl"].removeprefix("https://").split(".", 1)[0]


def _upload_assets(
    assembly: Path, stack: str, s3: "S3Client", uploaded: set[tuple[str, str]], replaced: Mapping[str, str]
) -> None:
    """Upload a stack's assets, each once: the layers of all stacks are the same files."""
    described = json.loads((assembly / f"{stack}.assets.json").read_text())
    for asset in described["files"].values():
        places = {(_named(one["bucketName"]), _named(one["objectKey"])) for one in asset["destinations"].values()}
        if places <= uploaded:
            continue
        path = assembly / asset["source"]["path"]
        content = zipped(path) if asset["source"]["packaging"] == "zip" else _replaced(path.read_bytes(), replaced)
        for bucket, key in places:
            _ensure_bucket(s3, bucket)
            s3.put_object(Bucket=bucket, Key=key, Body=content)
        uploaded |= places


def _replaced(content: bytes, replaced: Mapping[str, str]) -> bytes:
    for old, new in replaced.items():
        content = content.replace(old.encode(), new.encode())
    return content


def _named(text: str) -> str:
    values = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _ensure_bucket(s3: "S3Client", bucket: str) -> None:
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})


def zipped(folder: Path, files: Iterable[str] | None = None) -> bytes:
    """The files of a folder, or only those with these names, as a zip that depends on their content only."""
    named = sorted(folder.rglob("*")) if files is None else [folder / name for name in files]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in named:
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                entry.external_attr = path.stat().st_mode << 16
                archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _applied(name: str, template_url: str, cloudformation: "CloudFormationClient") -> dict[str, str]:
    """The outputs of a stack after it was created or, if it exists already, updated."""
    settings: Any = {
        "StackName": name,
        "TemplateURL": template_url,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    try:
        if _exists(name, cloudformation):
            cloudformation.update_stack(**settings)
        else:
            cloudformation.create_stack(**settings)
    except ClientError as error:
        if _NO_UPDATES not in error.response["Error"]["Message"]:
            raise LocalError(f"{name} cannot be deployed: {_one_line(error.response['Error']['Message'])}") from error
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.05)
    raise LocalError(f"{name} cannot be deployed: {_reason(name, cloudformation)}")


def _exists(name: str, cloudformation: "CloudFormationClient") -> bool:
    try:
        stacks = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return False
    return any(stack["StackStatus"] != "DELETE_COMPLETE" for stack in stacks)


def _reason(name: str, cloudformation: "CloudFormationClient") -> str:
    """The first failure among the stack's events: later ones follow from it."""
    events: list[Any] = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    if not failed:
        return f"not done after {_DEPLOY_SECONDS} s."
    first = failed[-1]
    return _one_line(f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', 'no reason given')}")


def _one_line(text: str) -> str:
    return textwrap.shorten(text, 400)
