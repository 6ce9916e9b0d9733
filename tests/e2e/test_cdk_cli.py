"""The real CDK command line, as infra/README.md documents it, onto the embedded AWS."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from infra.local import deploy
from infra.local.ministack import REGION, ministack
from infra.placement import STACKS

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
CLI = "aws-cdk@2.1148.1"
ACCOUNT = "000000000000"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The shell of a user: this environment's Node, credentials, and no other configuration."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "TMPDIR": str(tmp_path),
        "CI": "true",
    }


def cdk(*arguments: str, environment: dict[str, str], output: Path, code: int = 0) -> str:
    """Run the pinned CLI. Returns its output if it ends with this code."""
    architecture = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
    context = {"stage": "local", "architecture": architecture}
    flags = [part for name, value in context.items() for part in ("-c", f"{name}={value}")]
    command = ["npx", "--yes", CLI, *arguments, *flags, "--output", str(output), "--no-notices"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == code, done.stdout[-2_000:] + done.stderr[-4_000:]
    return done.stdout + done.stderr


def test_readme_commands_deploy_create_a_tenant_diff_and_destroy(tmp_path: Path, environment: dict[str, str]) -> None:
    # The roles of the CDK's own bootstrap are not ours, and the embedded AWS does not let them publish assets.
    with ministack(0, tmp_path, roles_hold=False) as aws:
        pointed = {**environment, "AWS_ENDPOINT_URL": aws.url}
        output = tmp_path / "cdk.out"
        cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", environment=pointed, output=output)
        cdk("deploy", "--all", "--concurrency", "3", "--require-approval", "never", environment=pointed, output=output)
        outputs = {
            one["OutputKey"]: one["OutputValue"] for stack in stacks(aws.url) for one in stack.get("Outputs", ())
        }
        aws.publish(deploy.api_id(outputs))
        company = ["--name", "Kontor Nord GmbH", "--country", "DE", "--email", "ada@nord.example"]
        command = ["invoicing", "tenant", "create", *company, "--stage", "local"]
        entered = subprocess.run(command, env=pointed, capture_output=True, text=True, check=True)
        [key] = re.findall(r"ik_local_\w+", entered.stdout)
        for secret, status in ((key, 200), (f"{key}x", 401)):
            headers = {"Authorization": f"Bearer {secret}"}
            assert httpx.get(f"{aws.url}/v1/invoices", headers=headers, timeout=120).status_code == status
        said = cdk("diff", environment=pointed, output=output)
        assert "Number of stacks with differences: 0" in said, said[:3_000]
        # The pipeline's check of each night.
        cdk("drift", "--fail", environment=pointed, output=output)
        functions = boto3.Session("test", "test", region_name=REGION).client("lambda", endpoint_url=aws.url)
        functions.update_function_configuration(FunctionName="invoicing-local-get_customer", Timeout=7)
        drifted = cdk("drift", "--fail", environment=pointed, output=output, code=1)
        assert re.search(r"AWS::Lambda::Function.*GetCustomer", drifted), drifted[-3_000:]
        cdk("destroy", "invoicing-local-!(data)", "--force", environment=pointed, output=output)
        assert {one["StackName"] for one in stacks(aws.url)} == {"CDKToolkit", "invoicing-local-data"}


def stacks(url: str) -> list[Any]:
    """The deployed stacks."""
    session = boto3.Session("test", "test", region_name=REGION)
    found: list[Any] = session.client("cloudformation", endpoint_url=url).describe_stacks()["Stacks"]
    return found


def test_synth_lists_the_stacks_in_the_order_of_deployment(tmp_path: Path, environment: dict[str, str]) -> None:
    command = ["npx", "--yes", CLI, "ls", "--output", str(tmp_path / "cdk.out"), "--no-notices", "-c", "stage=prod"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    first, *functions, last = done.stdout.split()
    assert (first, last) == ("invoicing-prod-data", "invoicing-prod-service")
    assert set(functions) == {f"invoicing-prod-{name}" for name in STACKS.values()}


def test_readme_commands_run_unchanged_on_the_stage_they_name() -> None:
    commands = [line for line in (ROOT / "infra/README.md").read_text().splitlines() if "npx" in line]
    assert {command.removeprefix(f"uv run npx -y {CLI} ").split()[0] for command in commands} == {
        "bootstrap", "deploy", "destroy", "diff",
    }  # fmt: skip
    assert [one for one in commands if "bootstrap" not in one and "-c stage=prod" not in one] == []
