"""The commands of the README, pasted as a reader pastes them."""

import os
import re
import subprocess

import httpx

from infra.discovery import ROOT
from infra.local.stack import Stack


def test_the_first_invoice_can_be_pasted(stack: Stack) -> None:
    section = (ROOT / "README.md").read_text().partition("## Issue a first invoice")[2]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", found.group(1)],
        env={**os.environ, "API": stack.api_url, "KEY": stack.api_keys["admin"]},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr
    url = re.findall(r'"url": ?"([^"]+)"', ran.stdout)[-1]
    assert httpx.get(url, follow_redirects=True, timeout=120).content.startswith(b"%PDF")
