"""`cdk deploy` for the embedded AWS: synthesize the app, upload assets, create the stacks in order."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from infra.local.failure import LocalError, last_line
from infra.local.ministack import REGION

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

ACCOUNT = "000000000000"
_DEPLOY_SECONDS = 120
_END_SECONDS = 5
# A zip with fixed time stamps: the same files always give the same bytes, as in the CDK.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def session() -> boto3.Session:
    """Credentials that only the embedded AWS accepts."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106


def _tools() -> str:
    """The search path for programs. Programs of packages are beside the interpreter, also without activation."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))


def require_tools() -> None:
    """Raise an error before the start if the CDK's interpreter or the layers' installer is missing."""
    for tool in ("node", "uv"):
        if shutil.which(tool, path=_tools()) is None:
            raise LocalError(f"{tool} is not installed; `uv sync` brings it.")


def synthesize(context: Mapping[str, str], folder: Path) -> Path:
    """The app's templates and assets, made by the same command that the CDK's own tool runs."""
    assembly = folder / "cdk.out"
    environment = {
        **os.environ,
        "PATH": _tools(),
        "TMPDIR": str(folder),
        "CDK_OUTDIR": str(assembly),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    with _group([sys.executable, "-m", "infra.app"], environment) as process:
        _, errors = process.communicate()
    if process.returncode != 0:
        raise LocalError(f"The CDK app cannot be synthesized: {last_line(errors)}")
    return assembly


@contextmanager
def _group(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A program that is ended with its children if we stop waiting for it: first terminated, then killed."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.communicate(timeout=_END_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()


def deploy(assembly: Path, endpoint: str) -> dict[str, str]:
    """Create the assembly's stacks, each after those it depends on; their outputs together."""
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
        _upload_assets(assembly, name, s3, uploaded)
        properties = stacks[name]["properties"]
        # The template is an asset too: as part of a call it may have 51,200 bytes at most.
        template_url = f"{endpoint}/{_named(properties['stackTemplateAssetObjectUrl']).removeprefix('s3://')}"
        outputs |= _create(properties.get("stackName", name), template_url, cloudformation)
    return outputs


def api_id(outputs: Mapping[str, str]) -> str:
    """The API's id, which is the first label of its address."""
    return outputs["ApiUrl"].removeprefix("https://").split(".", 1)[0]


def _upload_assets(assembly: Path, stack: str, s3: "S3Client", uploaded: set[tuple[str, str]]) -> None:
    """Upload a stack's assets, each once: the layers of all stacks are the same files."""
    described = json.loads((assembly / f"{stack}.assets.json").read_text())
    for asset in described["files"].values():
        places = {(_named(one["bucketName"]), _named(one["objectKey"])) for one in asset["destinations"].values()}
        if places <= uploaded:
            continue
        path = assembly / asset["source"]["path"]
        content = _zipped(path) if asset["source"]["packaging"] == "zip" else path.read_bytes()
        for bucket, key in places:
            _ensure_bucket(s3, bucket)
            s3.put_object(Bucket=bucket, Key=key, Body=content)
        uploaded |= places


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


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                entry.external_attr = path.stat().st_mode << 16
                archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _create(name: str, template_url: str, cloudformation: "CloudFormationClient") -> dict[str, str]:
    try:
        cloudformation.create_stack(
            StackName=name,
            TemplateURL=template_url,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    except ClientError as error:
        raise LocalError(f"{name} cannot be deployed: {_one_line(error.response['Error']['Message'])}") from error
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.05)
    raise LocalError(f"{name} cannot be deployed: {_reason(name, cloudformation)}")


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
