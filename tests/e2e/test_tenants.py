"""`invoicing tenant create`: creates a company in a deployed service with ordinary AWS credentials."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from infra.local.ministack import REGION
from infra.local.stack import Stack

pytestmark = pytest.mark.system

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}

COMPANY = ("--name", "Profil AG", "--country", "DE", "--email", "a@profil.example")


def create(
    stack: Stack, *arguments: str, credentials: Mapping[str, str] = CREDENTIALS
) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": stack.aws.url, **credentials}
    command = [sys.executable, "-m", "infra.local.cli", "tenant", "create", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_new_tenant_works_with_the_key_that_is_shown(stack: Stack) -> None:
    done = create(stack, "--name", "Neue Söhne KG", "--stage", "local", "--country", "AT", "--email", "a@neue.example")
    assert done.returncode == 0, done.stderr
    found = re.search(r"ik_local_\w+", done.stdout)
    assert found
    credentials = {"Authorization": f"Bearer {found.group()}"}
    with httpx.Client(base_url=stack.api_url, headers=credentials, timeout=120) as api:
        company = api.get("/tenant").json()
        assert (company["name"], company["address"]["country"]) == ("Neue Söhne KG", "AT")
        assert company["id"] in done.stdout
        assert [one["email"] for one in api.get("/users").json()["data"]] == ["a@neue.example"]
        assert api.post("/api-keys", json={"name": "next"}).status_code == 201
        assert api.get("/customers").json()["data"] == []


def test_the_credentials_of_a_profile_are_used(stack: Stack, tmp_path: Path) -> None:
    profile = tmp_path / "config"
    profile.write_text(f"[profile ops]\nregion = {REGION}\naws_access_key_id = test\naws_secret_access_key = test\n")
    credentials = {"AWS_CONFIG_FILE": str(profile), "AWS_PROFILE": "ops"}
    done = create(stack, *COMPANY, "--stage", "local", credentials=credentials)
    assert done.returncode == 0, done.stderr
    assert re.search(r"ik_local_\w+", done.stdout)


def test_missing_credentials_or_region_is_one_line(stack: Stack) -> None:
    for credentials in ({}, {"AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}):
        done = create(stack, *COMPANY, "--stage", "local", credentials={**credentials, "HOME": "/nowhere"})
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("invoicing: AWS needs credentials and a region")
        assert len(done.stderr.splitlines()) == 1


def test_an_error_is_one_line(stack: Stack) -> None:
    for arguments, reason in (
        ((*COMPANY, "--stage", "none"), "There is no stack invoicing-none-data here"),
        ((*COMPANY, "--stage", "local", "--country", "Austria"), "/address/country"),
        ((*COMPANY, "--stage", "local", "--email", "nobody"), "/admin/email"),
        (("--name", "X", "--stage", "local"), "Missing: /address/country, /admin/email"),
    ):
        done = create(stack, *arguments)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done.stderr
        assert reason in done.stderr


def test_a_company_from_a_file_is_ready_at_once(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "company.json"
    company = {
        "name": "Datei GmbH",
        "address": {"line1": "Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"},
        "tax_number": "27/123/45678",
        "legal_information": "Geschäftsführerin: Ada Berg\nAmtsgericht Hamburg, HRB 4711",
        "bank_accounts": [{"id": "main", "iban": "DE02120300000000202051"}],
        "email_sender": "billing@datei.example",
        "admin": {"email": "ada@datei.example", "first_name": "Ada", "last_name": "Berg"},
    }
    file.write_text(json.dumps(company))
    done = create(stack, "--file", str(file), "--stage", "local")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Ready: invoices can be issued, sent and paid.\n")
    done = create(stack, "--file", str(file), "--set", "/email_sender=", "--stage", "local")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("invoicing: /email_sender")


def test_a_person_at_a_terminal_is_asked(stack: Stack) -> None:
    master, terminal = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": stack.aws.url, **CREDENTIALS}
    command = [sys.executable, "-m", "infra.local.cli", "tenant", "create", "--stage", "local", "--country", "DE"]
    os.write(master, b"Terminal GmbH\nada@terminal.example\nAda\nBerg\nEurope/Berlin\nde\n" + b"\n" * 30)
    try:
        done = subprocess.run(
            command, env=environment, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, check=False, text=True
        )
    finally:
        os.close(terminal)
        os.close(master)
    assert done.returncode == 0
    assert "Terminal GmbH" in done.stdout
    assert "Missing to be paid: /bank_accounts" in done.stdout
