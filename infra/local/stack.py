"""The whole service on this machine: the embedded AWS with all stacks deployed and a demo tenant in them."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local import assembly, deploy, folders
from infra.local.failure import LocalError, last_line
from infra.local.ministack import REGION, Ministack, ministack
from infra.local.progress import step

STACK_FILE = Path(".local/stack.json")
_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64"}
_ORIGIN = "http://stack.invalid"
"""Placeholder in the templates for the address of the stack, so that they are the same on each port."""
_CONTEXT = {
    "stage": "local",
    "architecture": _ARCHITECTURES.get(platform.machine(), "x86_64"),
    "base_url": f"{_ORIGIN}/v1",
}
"""The settings of the stage `local` that depend on this machine."""


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
def running_stack(port: int = 0, kept: Path | None = None) -> Iterator[Stack]:
    """Start, deploy and seed. All of it is removed when the context ends, except the data that the next start loads.

    `kept`: the folder in which the data is kept.
    """
    assembly.require_tools()
    with ExitStack() as opened:
        folder = opened.enter_context(folders.temporary(Path(tempfile.gettempdir()), "invoicing-"))
        locks = [folder.lock]
        if kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
            # After a killed start, its embedded AWS may still be saving.
            locks.append(opened.enter_context(folders.locked(kept / "lock", wait=True)))
        aws = opened.enter_context(ministack(port, folder.path, kept=kept, locks=locks))
        with step("Synthesize the CDK app"):
            synthesized = assembly.assembly(_CONTEXT)
        with step("Deploy the stacks into the embedded AWS"):
            outputs = _deployed(synthesized, aws, kept)
            aws.publish(deploy.api_id(outputs))
        facts = _seeded_once(kept, outputs["TableName"], aws.url)
        yield Stack(
            aws, outputs, facts["tenant_id"], facts["user_id"], facts["api_keys"], facts["other_tenant_api_key"]
        )


def _deployed(synthesized: Path, aws: Ministack, kept: Path | None) -> dict[str, str]:
    try:
        return deploy.deploy(synthesized, aws.url, {_ORIGIN: aws.url})
    except LocalError as error:
        if kept is None:
            raise
        raise LocalError(f"{error} The kept stack may be too old: remove {kept} to start without it.") from error


def _seeded_once(kept: Path | None, table: str, endpoint: str) -> dict[str, Any]:
    """The demo tenant, created at the first start with a folder."""
    file = None if kept is None else kept / "tenant.json"
    if file is not None and file.exists():
        stored: dict[str, Any] = json.loads(file.read_text())
        return stored
    with step("Set up a demo tenant"):
        seeded = _seeded(table, endpoint)
    if file is not None:
        file.write_text(json.dumps(seeded))
    return seeded


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
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    try:
        draft.write_text(json.dumps(stack.described(), indent=2) + "\n", encoding="utf-8")
        draft.replace(file)
        yield
    finally:
        draft.unlink(missing_ok=True)
        file.unlink(missing_ok=True)


@contextmanager
def reserved(folder: Path) -> Iterator[None]:
    """The folder of one stack, which no other stack can use at the same time. Removes the facts of a killed one."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        try:
            opened.enter_context(folders.locked(folder / "lock"))
        except folders.Held:
            raise LocalError(f"Another stack uses the folder {folder}; choose another one with --folder.") from None
        (folder / STACK_FILE.name).unlink(missing_ok=True)
        yield
