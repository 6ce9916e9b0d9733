"""`invoicing tenant create`: creates a company in a deployed service with ordinary AWS credentials."""

import os
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
    done = create(stack, "--name", "Profil AG", "--stage", "local", credentials=credentials)
    assert done.returncode == 0, done.stderr
    assert re.search(r"ik_local_\w+", done.stdout)


def test_missing_credentials_or_region_is_one_line(stack: Stack) -> None:
    for credentials in ({}, {"AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}):
        done = create(stack, "--name", "X", "--stage", "local", credentials={**credentials, "HOME": "/nowhere"})
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("invoicing: AWS needs credentials and a region")
        assert len(done.stderr.splitlines()) == 1


def test_an_error_is_one_line(stack: Stack) -> None:
    for arguments, reason in (
        (("--name", "X", "--stage", "none"), "There is no stack invoicing-none-data here"),
        (("--name", "X", "--stage", "local", "--country", "Austria"), "country"),
        (("--name", "X", "--stage", "local", "--email", "nobody"), "email"),
    ):
        done = create(stack, *arguments)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done.stderr
        assert reason in done.stderr
