"""Clients that are made of the OpenAPI document do the main job, files included, in strict type checking."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from infra.clients.collection import collection
from infra.discovery import ROOT
from infra.examples import REQUESTS
from infra.local.ministack import REGION
from infra.local.stack import Stack
from tests.npm import npx, require

pytestmark = pytest.mark.system

DOCUMENT = ROOT / "tests/contract/openapi.json"
PROGRAMS = Path(__file__).parent / "clients"
NPM = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "@types/node@20.19.43")
NEWMAN = "newman@6.2.2"
MAIN_JOB = (
    "Create a customer",
    "Create a draft invoice",
    "Finalize a draft and assign its number",
    "Record a payment or refund",
    "Add a comment to an invoice, credit note or cancellation",
    "Create a note with optional files",
)
PYTHON = ("main_job.py", "lost_responses.py")
CONSUMER = "consume_events.py"
TARGET = ["--strict", "--config-file=", "--python-version=3.13"]


def run(*command: str, cwd: Path, **environment: str) -> None:
    """Run a command, which must succeed."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Python client that `invoicing client` writes, unpacked from its wheel."""
    folder = tmp_path_factory.mktemp("client")
    run(sys.executable, "-m", "infra.local.cli", "client", "--output", str(folder / "source"), cwd=ROOT)
    run(sys.executable, "-m", "uv", "build", "--wheel", "--out-dir", ".", "source", cwd=folder)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_python_programs_pass_strict_type_checking(installed: Path) -> None:
    assert (installed / "invoicing_api_client" / "py.typed").exists()
    programs = [str(PROGRAMS / name) for name in (*PYTHON, CONSUMER)]
    run(sys.executable, "-m", "mypy", *TARGET, *programs, cwd=installed, MYPYPATH=str(installed))


@pytest.mark.parametrize("name", PYTHON)
def test_the_python_client_does_the_main_job(name: str, installed: Path, stack: Stack) -> None:
    credentials = stack.api_url, stack.api_keys["admin"]
    run(sys.executable, str(PROGRAMS / name), *credentials, cwd=installed, PYTHONPATH=str(installed))


def test_a_consumer_receives_the_events_of_the_bus(stack: Stack, api: httpx.Client) -> None:
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    program = subprocess.Popen(
        [sys.executable, "-u", str(PROGRAMS / CONSUMER), stack.outputs["BusName"]],
        env={**os.environ, **credentials, "AWS_ENDPOINT_URL": stack.aws.url},
        stdout=subprocess.PIPE,
        text=True,
    )
    with program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n"
            draft = api.post("/invoices", json=REQUESTS["create_invoice"]).raise_for_status().json()["id"]
            issued = api.post(f"/invoices/{draft}/finalize").raise_for_status().json()
            assert program.stdout.readline() == f"{issued['number']} {issued['total']}\n"
        finally:
            program.terminate()


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


def test_newman_does_the_main_job_with_the_collection(stack: Stack, tmp_path: Path) -> None:
    whole = collection()
    requests = {item["name"]: item for folder in whole["item"] for item in folder["item"]}
    file, report = tmp_path / "collection.json", tmp_path / "report.json"
    file.write_text(json.dumps(whole | {"item": [requests[name] for name in MAIN_JOB]}), encoding="utf-8")
    given = [f"base_url={stack.api_url}", f"api_key={stack.api_keys['admin']}"]
    flags = [flag for one in given for flag in ("--env-var", one)]
    written = ["--reporters", "json", "--reporter-json-export", str(report)]
    npx(NEWMAN, command=["newman", "run", str(file), *flags, *written])
    result = json.loads(report.read_text(encoding="utf-8"))["run"]
    assert result["failures"] == []
    assert [one["response"]["code"] for one in result["executions"]] == [201, 201, 200, 201, 201, 201]
