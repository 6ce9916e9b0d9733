"""The OpenAPI document passes the linters that client developers use: Redocly, Spectral, and Ajv for its schemas.

The linters are npm packages.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.event_schemas import bundle
from tests.answers import document
from tests.npm import npx

pytestmark = pytest.mark.system

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER / "openapi.json"
REDOCLY = "@redocly/cli@1.34.3"
SPECTRAL = "@stoplight/spectral-cli@6.15.0"
AJV = "ajv-cli@5.0.0"
AJV_FORMATS = "ajv-formats@2.1.1"


def in_definitions(schema: Any) -> Any:
    """A schema of the document as one of a JSON Schema, which keeps its components in `$defs`."""
    return json.loads(json.dumps(schema).replace("#/components/schemas/", "#/$defs/"))


def redocly(file: Path) -> Any:
    """The problems that Redocly finds in a document."""
    command = ["redocly", "lint", str(file), "--config", str(FOLDER / "redocly.yaml"), "--format", "json"]
    return json.loads(npx(REDOCLY, command=command).stdout)["problems"]


def failure(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a linter that failed; empty where it succeeded."""
    return "" if done.returncode == 0 else f"exit code {done.returncode}\n{done.stdout}{done.stderr}"


def spectral(file: Path) -> str:
    """The report of Spectral on a document; empty where it finds nothing."""
    command = ["spectral", "lint", str(file), "-r", str(FOLDER / "spectral.yaml"), "--fail-severity", "hint"]
    done = npx(SPECTRAL, command=command)
    return failure(done)


def ajv(schemas: dict[str, Any], folder: Path) -> str:
    """The report of Ajv on schemas that refer to each other; empty where it can compile all."""
    # References are resolved when a schema is used, so each is used.
    every = [{"$ref": f"#/$defs/{name}"} for name in schemas]
    return compiled({"$defs": schemas, "anyOf": every}, folder)


def compiled(schema: dict[str, Any], folder: Path) -> str:
    """The report of Ajv on a schema; empty where it can compile it."""
    file = folder / "schemas.json"
    file.write_text(json.dumps(schema), encoding="utf-8")
    command = ["ajv", "compile", "--spec=draft2020", "-c", "ajv-formats", "--strict=false", "-s", str(file)]
    done = npx(AJV, AJV_FORMATS, command=command)
    return failure(done)


def test_redocly_finds_nothing() -> None:
    assert redocly(DOCUMENT) == []


def test_spectral_finds_nothing() -> None:
    assert spectral(DOCUMENT) == ""


def test_ajv_compiles_every_schema(tmp_path: Path) -> None:
    assert ajv(in_definitions(document()["components"]["schemas"]), tmp_path) == ""


def test_ajv_compiles_the_bundle_of_events(tmp_path: Path) -> None:
    assert compiled(bundle(), tmp_path) == ""


def test_linters_find_a_broken_document(tmp_path: Path) -> None:
    broken = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    broken["paths"]["/invoices"]["get"]["responses"] = []
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken), encoding="utf-8")
    assert redocly(file)
    assert spectral(file)


def test_ajv_finds_a_pattern_that_javascript_cannot_compile(tmp_path: Path) -> None:
    assert "regular expression" in ajv({"Broken": {"type": "string", "pattern": '\\"'}}, tmp_path)
