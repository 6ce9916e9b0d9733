"""The whole service on this machine: the embedded AWS with all stacks deployed and a demo tenant in them."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local import deploy
from infra.local.failure import LocalError, last_line
from infra.local.ministack import REGION, Ministack, ministack
from infra.local.progress import step

STACK_FILE = Path(".local/stack.json")
_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Stack:
    """A running stack: its URLs and its API keys."""

    aws: Ministack
    outputs: dict[str, str]
    tenant_id: str
    user_id: str
    api_keys: dict[str, str]
    other_tenant_api_key: str

    @property
    def api_url(self) -> str:
        """Where the API's paths begin."""
        return f"{self.aws.url}/v1"

    @property
    def docs_url(self) -> str:
        """The readable documentation of the API."""
        return f"{self.api_url}/docs"

    @property
    def mailbox_url(self) -> str:
        """The e-mails that were sent: a page, or JSON on request."""
        return f"{self.aws.url}/mailbox"

    def described(self) -> dict[str, str | dict[str, str]]:
        """The facts that other programs need to use the stack."""
        return {
            "api_url": self.api_url,
            "tenant_id": self.tenant_id,
            "aws_endpoint_url": self.aws.url,
            "mailbox_url": self.mailbox_url,
            "api_keys": self.api_keys,
            "other_tenant_api_key": self.other_tenant_api_key,
        }


@contextmanager
def running_stack(port: int = 0) -> Iterator[Stack]:
    """Synthesize, start, deploy and seed. All of it is removed when the context ends."""
    deploy.require_tools()
    with (
        tempfile.TemporaryDirectory(prefix="invoicing-", ignore_cleanup_errors=True) as name,
        ministack(port, Path(name)) as aws,
    ):
        with step("Synthesize the CDK app"):
            assembly = deploy.synthesize(_context(aws), Path(name))
        with step("Deploy the stacks into the embedded AWS"):
            outputs = deploy.deploy(assembly, aws.url)
            aws.publish(deploy.api_id(outputs))
        with step("Set up a demo tenant"):
            seeded = _seeded(outputs["TableName"], aws.url)
        facts = (seeded["tenant_id"], seeded["user_id"], seeded["api_keys"], seeded["other_tenant_api_key"])
        yield Stack(aws, outputs, *facts)


def _context(aws: Ministack) -> dict[str, str]:
    """The settings of the stage `local` that depend on this machine: its architecture and the base URL of links."""
    return {
        "stage": "local",
        "architecture": _ARCHITECTURES.get(platform.machine(), "x86_64"),
        "base_url": f"{aws.url}/v1",
    }


def _seeded(table: str, endpoint: str) -> dict[str, Any]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "TABLE_NAME": table,
    }
    command = [sys.executable, "-m", "infra.local.seed"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalError(f"The demo tenant cannot be set up: {last_line(done.stderr)}")
    seeded: dict[str, Any] = json.loads(done.stdout)
    # SES sends only for addresses that were confirmed.
    deploy.session().client("sesv2", endpoint_url=endpoint).create_email_identity(EmailIdentity=seeded["sender"])
    return seeded


@contextmanager
def announced(stack: Stack, file: Path = STACK_FILE) -> Iterator[None]:
    """While the context lasts, other programs find the stack in a file, which is written atomically."""
    file.parent.mkdir(exist_ok=True)
    draft = file.with_suffix(".draft")
    try:
        draft.write_text(json.dumps(stack.described(), indent=2) + "\n", encoding="utf-8")
        draft.replace(file)
        yield
    finally:
        draft.unlink(missing_ok=True)
        file.unlink(missing_ok=True)
