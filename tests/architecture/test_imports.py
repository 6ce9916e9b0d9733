"""Which package may import which. The order of the layer's packages is declared here, once."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers/invoicing/python/invoicing"

NOUNS = (
    "payments", "numbering", "pricing", "document_forms", "tenants", "catalogue", "customers", "users", "invoices",
    "issuing", "settlement", "timeline", "bank", "bank_matching", "collection", "transactions", "sepa_files", "orders",
    "subscriptions", "notes", "downloads", "invoice_pages", "dunning", "webhooks", "mail", "erasure", "billing_runs",
    "rendering", "reports",
)  # fmt: skip
"""The nouns in their order. The pure files of one know `core` and the pure files of those before it."""
PURE = {
    "model.py",
    "errors.py",
    "events.py",
    "event.py",
    "requests.py",
    "periods.py",
    "shares.py",
    "layers.py",
    "terms.py",
    "interval.py",
    "entry.py",
    "once.py",
    "chain.py",
    "account.py",
    "statement_parts.py",
    "printed.py",
    "rf.py",
    "proofs.py",
    "payer.py",
    "balance.py",
    "target_days.py",
    "alphabet.py",
    "batching.py",
    "ready.py",
}
"""Files of a noun that contain decisions: no AWS, no store, no HTTP."""
SUPPORT = {"config", "observability"}
BELOW_NOUNS = {"core", "aws", "store", "outbox", *SUPPORT}
MAY_IMPORT = {
    "config": set(),
    "observability": {"config"},
    "core": {"core"},
    "aws": {"aws", "core", "config"},
    "store": {"store", "aws", "core", "config"},
    "outbox": {"outbox", "store", "aws", "core", "tenants", *SUPPORT},
    "documents": {"documents", "core", *NOUNS},
    "http": {"http", *BELOW_NOUNS, "invoices", "notes", "tenants", "users"},
    "consumers": {"consumers", "http", *BELOW_NOUNS, "tenants"},
    "functions": {"consumers", "http", "documents", "outbox", "store", "aws", "core", *NOUNS},
    **{noun: {"http", "documents", *BELOW_NOUNS, *NOUNS} for noun in NOUNS},
}
KEYS_ELSEWHERE = {
    # Patterns of partitions, as IAM reads them.
    "aws/grants.py",
    # Drafts, orders and billing runs check that a form exists. With its table, they would load its model at each start.
    "document_forms/keys.py",
    # Customers remove the record that mail does not arrive. The table of mails knows documents, and those customers.
    "mail/keys.py",
}
"""The modules besides `table.py` that build keys, and why."""
WEBHOOKS = LAYER / "webhooks/outgoing.py"
CALLS_OUTSIDE = LAYER / "customers/vies.py"
"""The only module that calls a service outside AWS with a client of its own."""
MOST_FILES = 15
"""The most files of one package, so that a newcomer can read the list."""


def modules(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, in nested imports too."""
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
    allowed = MAY_IMPORT[part_of(path)]
    if _decides(path):
        before = NOUNS[: NOUNS.index(part_of(path)) + 1]
        allowed = {"core", *before}
    assert known <= allowed, f"{sorted(known - allowed)} may not be imported here"
    foreign = {name.split(".")[0] for name in imports(path)}
    assert not foreign & {"functions", "infra", "tests"}
    # Only these send requests to others; webhooks also resolve names and connect themselves.
    assert not foreign & {"http", "socket"} or path == WEBHOOKS
    assert "urllib3" not in foreign or path in (CALLS_OUTSIDE, WEBHOOKS)
    if part_of(path) != "aws":
        assert not foreign & {"boto3", "botocore", "ssl"}, "only one package speaks to AWS"
    if part_of(path) != "config":
        reads = [name for name in imports(path) if name.split(".")[0] == "os"]
        assert not reads, "only config reads the environment"


def test_decisions_reach_no_aws_store_or_http() -> None:
    # Directly or through other modules. The words of documents are data.
    deciding = [path for path in modules(LAYER) if part_of(path) == "core" or _decides(path)]
    needs = _needs()
    acting = {"aws", "store", "outbox", "http", "consumers", "documents", *SUPPORT}
    found = {
        f"{_name(path)} reaches {other}"
        for path in deciding
        for other in _reached(_name(path), needs)
        if other.split(".")[1] in acting and not other.startswith("invoicing.documents.texts.")
    }
    assert found == set()


def _decides(path: Path) -> bool:
    return part_of(path) in NOUNS and path.name in PURE


def test_only_answers_use_a_cached_time_zone() -> None:
    # API Gateway caches the credentials' time zone for 5 minutes. Decisions use `Store.today` or `Tenant.today`.
    uses = {"cached_today": {"list_invoices.py", "respond.py"}, "day_shown": {"entries.py"}}
    for name, allowed in uses.items():
        found = [path.name for path in modules(LAYER, ROOT / "functions") if f".{name}" in path.read_text()]
        assert set(found) == allowed, name


def test_no_modules_import_each_other() -> None:
    assert [sorted(circle) for circle in _circles(_needs())] == []


@cache
def _needs() -> Mapping[str, set[str]]:
    """The modules that each module of the layer imports, by name."""
    names = {_name(path): path for path in modules(LAYER)}
    return {name: {one for one in map(_module(names), imports(path)) if one} for name, path in names.items()}


def _name(path: Path) -> str:
    parts = path.relative_to(LAYER.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _module(names: Mapping[str, Path]) -> Callable[[str], str | None]:
    return lambda imported: next((one for one in (imported, imported.rpartition(".")[0]) if one in names), None)


def _circles(needs: Mapping[str, set[str]]) -> Iterator[set[str]]:
    """The groups of modules that import each other, directly or through others."""
    reached = {name: _reached(name, needs) for name in needs}
    seen: set[str] = set()
    for name in needs:
        if name in reached[name] and name not in seen:
            circle = {other for other in reached[name] if name in reached[other]}
            seen |= circle
            yield circle


def _reached(name: str, needs: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [*needs[name]]
    while ahead:
        if (one := ahead.pop()) not in found:
            found.add(one)
            ahead += needs[one]
    return found


@pytest.mark.parametrize(
    "package", sorted(path.parent for path in LAYER.rglob("__init__.py")), ids=lambda path: path.name
)
def test_a_package_has_few_files(package: Path) -> None:
    assert len([path for path in package.glob("*.py") if path.name != "__init__.py"]) <= MOST_FILES


def test_only_tables_build_keys() -> None:
    builders = re.compile(r"\bkeys\.(of|index_of|of_tenant|of_customer|of_creator|of_owner)\(|\bKey\(\"|f?\"T#")
    outside = [path for path in modules(LAYER, ROOT / "functions") if LAYER / "store" not in path.parents]
    found = {path for path in outside if builders.search(path.read_text()) and path.name != "table.py"}
    assert {str(path.relative_to(LAYER)) for path in found} == KEYS_ELSEWHERE


def test_rules_and_amounts_need_no_packages_of_documents() -> None:
    # Functions that issue documents lack the layer that renders them, so not even a nested import may need it.
    deciding = (LAYER / noun for noun in ("pricing", "invoices", "issuing", "settlement"))
    found = {
        name
        for path in modules(*deciding)
        for name in imports(path)
        if name.startswith("invoicing.documents") and not name.startswith("invoicing.documents.texts.")
    }
    assert found == set()


def test_the_rules_fit_the_tree() -> None:
    parts = {path.name.removesuffix(".py") for path in LAYER.iterdir() if not path.name.startswith("_")}
    assert parts | {"functions"} == set(MAY_IMPORT)


def test_importing_functions_reads_no_settings_or_certificates() -> None:
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
