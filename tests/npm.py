"""npm packages of exact versions. Without npm or its registry the tests that use them are skipped, except in CI."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest


def npx(*packages: str, command: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command of npm packages, which are installed for it."""
    require(packages)
    return _run([*_packages(packages), *command], cwd)


@cache
def require(packages: tuple[str, ...]) -> None:
    """Skip the test where the packages cannot be installed; fail in CI."""
    installed = shutil.which("npx") is not None and _run([*_packages(packages), "node", "--version"]).returncode == 0
    if not installed and "CI" not in os.environ:
        pytest.skip(f"npm cannot install {', '.join(packages)}")
    assert installed, f"npm cannot install {', '.join(packages)}"


def _packages(packages: tuple[str, ...]) -> list[str]:
    return [part for package in packages for part in ("-p", package)]


def _run(arguments: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    settings = {
        # Makes npm give up after seconds instead of minutes without a network.
        "npm_config_fetch_retry_mintimeout": "1000",
        "npm_config_fetch_retry_maxtimeout": "3000",
        # Warnings about the user's settings of npm are none of the command.
        "npm_config_loglevel": "error",
    }
    command = ["npx", "-y", "--prefer-offline", *arguments]
    environment = {**os.environ, **settings}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=cwd)
