"""Which package may import which. The order of the layer's packages is declared here, once."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers/invoicing/python/invoicing"

NOUNS = {
    "customers", "downloads", "dunning", "einvoices", "erasure", "invoices", "mail", "notes", "numbering", "orders",
    "pricing", "printing", "settlement", "tenants", "timeline", "users",
}  # fmt: skip
PURE = {"model.py", "errors.py", "events.py"}
"""Files of a noun that decide: no AWS, no table, no HTTP."""
ROOT_MODULES = {"config", "observability"}
MAY_IMPORT = {
    "config": set(),
    "observability": {"config"},
    "core": {"core", *NOUNS},
    "aws": {"aws", "core", "store", "config", *NOUNS},
    "store": {"store", "aws", "core", *ROOT_MODULES, *NOUNS},
    "documents": {"documents", "core", *NOUNS},
    "http": {"http", "store", "aws", "core", *ROOT_MODULES, *NOUNS},
    "consumers": {"consumers", "http", "store", "aws", "core", *ROOT_MODULES, *NOUNS},
    "functions": {"consumers", "http", "documents", "store", "aws", "core", *NOUNS},
    **{noun: {"http", "documents", "store", "aws", "core", *ROOT_MODULES, *NOUNS} for noun in NOUNS},
}


def modules(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module a file names in an import, nested ones too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(path: Path) -> str:
    if path.is_relative_to(ROOT / "functions"):
        return "functions"
    return path.relative_to(LAYER).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules(LAYER, ROOT / "functions"), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_downwards(path: Path) -> None:
    if path == LAYER / "__init__.py":
        return
    known = {name.split(".")[1] for name in imports(path) if name.startswith("invoicing.")}
    allowed = {"core", *NOUNS} if part_of(path) in NOUNS and path.name in PURE else MAY_IMPORT[part_of(path)]
    assert known <= allowed, f"{sorted(known - allowed)} may not be imported here"
    foreign = {name.split(".")[0] for name in imports(path)}
    assert not foreign & {"functions", "infra", "tests"}
    assert not foreign & {"http", "socket", "ssl", "urllib3"}
    if part_of(path) != "aws":
        assert not foreign & {"boto3", "botocore"}, "only one package speaks to AWS"
    if part_of(path) != "config":
        reads = [name for name in imports(path) if name.split(".")[0] == "os"]
        assert not reads, "only config reads the environment"


def test_only_answers_use_a_cached_time_zone() -> None:
    # API Gateway caches the credentials' time zone for 5 minutes. Decisions use `Store.today` or `Tenant.today`.
    uses = {"cached_today": {"list_invoices.py", "respond.py"}, "day_shown": {"entries.py"}}
    for name, allowed in uses.items():
        found = [path.name for path in modules(LAYER, ROOT / "functions") if f".{name}" in path.read_text()]
        assert set(found) == allowed, name


def test_the_rules_fit_the_tree() -> None:
    parts = {path.name.removesuffix(".py") for path in LAYER.iterdir() if not path.name.startswith("_")}
    assert parts | {"functions"} == set(MAY_IMPORT)


def test_importing_every_function_needs_no_setting_and_reads_no_certificates() -> None:
    program = """
import ssl
def forbidden(*_, **__):
    raise AssertionError("at import")
ssl.SSLContext.load_verify_locations = ssl.SSLContext.load_default_certs = forbidden
from infra.discovery import discover
print(len(discover()))
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 90
