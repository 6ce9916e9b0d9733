"""Clients that are generated from the OpenAPI document do the main job, files included, in strict type checking."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.discovery import ROOT
from infra.local.stack import Stack
from tests.npm import require

pytestmark = pytest.mark.system

DOCUMENT = ROOT / "tests/contract/openapi.json"
PROGRAMS = Path(__file__).parent / "clients"
NPM = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "@types/node@20.19.43")
CONFIG = """\
content_type_overrides: {application/pdf: application/octet-stream, application/xml: application/octet-stream}
post_hooks: []
"""


def run(*command: str, cwd: Path, **environment: str) -> None:
    """Run a command, which must succeed."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_python_client_does_the_main_job(stack: Stack, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    generate = ["generate", "--path", str(DOCUMENT), "--config", str(config), "--output-path", "generated"]
    run(sys.executable, "-m", "openapi_python_client", *generate, "--fail-on-warning", cwd=tmp_path)
    program = str(PROGRAMS / "main_job.py")
    strict = ["--strict", "--config-file=", "--python-version=3.13", program]
    run(sys.executable, "-m", "mypy", *strict, cwd=tmp_path, MYPYPATH="generated")
    run(sys.executable, program, stack.api_url, stack.api_keys["admin"], cwd=tmp_path, PYTHONPATH="generated")


def test_the_typescript_client_does_the_main_job(stack: Stack, tmp_path: Path) -> None:
    require(NPM)
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    (tmp_path / "main_job.ts").write_text((PROGRAMS / "main_job.ts").read_text())
    run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline", *NPM, cwd=tmp_path)
    # A field with a default may be missing in a request.
    types = ["openapi-typescript", str(DOCUMENT), "--default-non-nullable=false", "-o", "api.ts"]
    run("npx", "--no-install", *types, cwd=tmp_path)
    strict = ["--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--module", "nodenext"]
    run("npx", "--no-install", "tsc", *strict, "main_job.ts", cwd=tmp_path)
    run("node", "main_job.js", stack.api_url, stack.api_keys["admin"], cwd=tmp_path)
