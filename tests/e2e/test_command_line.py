"""The `invoicing` command as a user types it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from infra.local.demo import STEPS
from infra.local.demo_debit import FILE
from infra.local.folders import remove_leftovers
from infra.local.stack import reserved
from tests.e2e.waiting import until
from tests.unit.test_sepa_files import schema

pytestmark = pytest.mark.system

COMMAND = [sys.executable, "-m", "infra.local.cli"]
ROOT = Path(__file__).parents[2]
STARTED_WITHIN = 600


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder, with a folder for temporary files beside it, so that leftovers can be detected."""
    (tmp_path / "work").mkdir()
    (tmp_path / "temporary").mkdir()
    return tmp_path


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command, run to its end in the work folder."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder / "work",
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def _environment(folder: Path, root: Path = ROOT) -> dict[str, str]:
    modules = os.pathsep.join((str(root), str(root / "layers/invoicing/python")))
    return {**os.environ, "TMPDIR": str(folder / "temporary"), "PYTHONPATH": modules}


@contextmanager
def _local(folder: Path, *arguments: str, at: str = ".local", root: Path = ROOT) -> Iterator[subprocess.Popen[bytes]]:
    """`invoicing local` of the code in a folder, ready for use, and ended after the test in any case."""
    announced = folder / "work" / at / "stack.json"
    # A killed stack leaves it until the next start.
    announced.unlink(missing_ok=True)
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [*COMMAND, "local", "--port", "0", "--folder", at, *arguments],
            cwd=folder / "work",
            env=_environment(folder, root),
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + STARTED_WITHIN
        while not announced.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert announced.exists(), (folder / "output").read_text()
        yield process
    finally:
        process.kill()
        process.wait()


def _processes(folder: Path) -> list[str]:
    """The processes that have this test's temporary folder in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(folder / "temporary").encode() in path.read_bytes():
                found.append((path.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def _nothing_is_left(folder: Path) -> bool:
    deadline = time.monotonic() + 10
    while _processes(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not _processes(folder) and not list((folder / "temporary").iterdir())


def test_the_demo_runs_the_main_job_and_leaves_its_files(folder: Path) -> None:
    done = _run(folder, "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    steps = re.findall(r"^  (\S.*?) {2,}(\d+\.\d\d) s\b", done.stdout, re.MULTILINE)
    assert [label for label, _ in steps if label in dict(STEPS)] == [label for label, _ in STEPS]
    assert re.search(r"INV-\d{4}-000001", done.stdout)
    assert "status paid" in done.stdout
    assert "invoice.finalized" in done.stdout
    assert len(re.findall(r"INV-\d{4}-\d{6} .* paid, certain: the text has its number", done.stdout)) == 2
    assert len(re.findall(r"INV-\d{4}-\d{6} .* open, possible: the payer has a name like", done.stdout)) == 1
    assert "1 direct debit, control sum 178.50 EUR" in done.stdout
    assert sorted(path.name for path in (folder / "work").iterdir()) == [FILE, "invoice.pdf"]
    schema("pain.008.001.08").assertValid(etree.parse(folder / "work" / FILE))
    assert (folder / "work" / "invoice.pdf").read_bytes().startswith(b"%PDF-")
    assert _nothing_is_left(folder)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_the_local_stack_prints_its_url_and_cleans_up(folder: Path, sent: signal.Signals, code: int) -> None:
    with _local(folder) as process:
        stack = json.loads((folder / "work" / ".local" / "stack.json").read_text())
        told = {"api_url", "tenant_id", "aws_endpoint_url", "mailbox_url", "api_keys", "other_tenant_api_key"}
        assert set(stack) == told
        assert set(stack["api_keys"]) == {"admin", "bookkeeper", "auditor", "member", "customer"}
        assert stack["api_url"].endswith("/v1")
        key = stack["api_keys"]["admin"]
        answer = httpx.get(f"{stack['api_url']}/invoices", headers={"Authorization": f"Bearer {key}"}, timeout=120)
        assert {one["object"] for one in answer.json()["data"]} == {"invoice"}
        document = httpx.get(f"{stack['api_url']}/openapi.json", timeout=120).json()
        assert document["openapi"].startswith("3.1")
        process.send_signal(sent)
        assert process.wait(120) == code
    assert key in (folder / "output").read_text()
    assert not (folder / "work" / ".local" / "stack.json").exists()
    assert _nothing_is_left(folder)


def test_an_interrupted_start_leaves_nothing(folder: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "local", "--port", "0"],
        cwd=folder / "work",
        env=_environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not list((folder / "temporary").glob("invoicing-*/ministack.log")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert _nothing_is_left(folder)


def _stack(folder: Path, at: str = ".local") -> dict[str, Any]:
    stack: dict[str, Any] = json.loads((folder / "work" / at / "stack.json").read_text())
    return stack


def _client(stack: dict[str, Any]) -> httpx.Client:
    credentials = {"Authorization": f"Bearer {stack['api_keys']['admin']}"}
    return httpx.Client(base_url=stack["api_url"], headers=credentials, timeout=120)


def test_kept_data_is_there_after_the_next_start(folder: Path) -> None:
    with _local(folder, "--keep") as process:
        stack = _stack(folder)
        with _client(stack) as api:
            customer = api.post("/customers", json={"name": "Werft AG"}).json()
        process.send_signal(signal.SIGTERM)
        process.wait(120)
    # Another port, so the templates are updated too.
    with _local(folder, "--keep") as process:
        again = _stack(folder)
        assert (again["tenant_id"], again["api_keys"]) == (stack["tenant_id"], stack["api_keys"])
        with _client(again) as api:
            assert api.get(f"/customers/{customer['id']}").json() == customer
            second = api.post("/customers", json={"name": "Kontor AG"}).json()
            assert [one["id"] for one in api.get("/customers").json()["data"]][:2] == [second["id"], customer["id"]]
        process.send_signal(signal.SIGTERM)
        process.wait(120)
    assert _nothing_is_left(folder)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the repository. It shares the layers and templates that are built already."""
    copy = tmp_path / "repository"
    for part in ("functions", "infra", "layers"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("cdk.json", "pyproject.toml"):
        shutil.copy(ROOT / file, copy / file)
    (ROOT / ".layers").mkdir(exist_ok=True)
    (copy / ".layers").symlink_to(ROOT / ".layers")
    return copy


def test_one_of_two_stacks_reloads_keeps_its_data_and_is_killed(folder: Path, repository: Path) -> None:
    file = repository / "functions/customers/get_customer.py"
    before = file.read_text()
    after = before.replace("customer_id)\n", "customer_id).model_copy(update={'name': 'Reloaded'})\n")
    with _local(folder, at="other") as other:
        with _local(folder, "--keep", at="kept", root=repository) as kept:
            first, second = _client(_stack(folder, "kept")), _client(_stack(folder, "other"))
            with first, second:
                assert first.base_url != second.base_url
                path = f"/customers/{first.post('/customers', json={'name': 'Werft AG'}).json()['id']}"
                customer = first.get(path).json()
                assert second.get(path).status_code == 404
                theirs = f"/customers/{second.post('/customers', json={'name': 'Kontor AG'}).json()['id']}"
                file.write_text(after)
                assert until(lambda: first.get(path).json()["name"] == "Reloaded", STARTED_WITHIN)
                assert second.get(theirs).json()["name"] == "Kontor AG"
            kept.kill()
            kept.wait()
        # The templates are those of the first start again, so the deployment changes nothing.
        file.write_text(before)
        with _local(folder, "--keep", at="kept", root=repository) as kept:
            with _client(_stack(folder, "kept")) as first:
                assert first.get(path).json() == customer
            kept.send_signal(signal.SIGTERM)
            kept.wait(120)
        with _client(_stack(folder, "other")) as second:
            assert second.get(theirs).json()["name"] == "Kontor AG"
        other.send_signal(signal.SIGTERM)
        other.wait(120)
    remove_leftovers(folder / "temporary", "invoicing-")
    assert _nothing_is_left(folder)


def test_the_next_start_removes_files_of_a_killed_stack(folder: Path) -> None:
    with _local(folder) as process:
        port = httpx.URL(_stack(folder)["api_url"]).port
        process.kill()
        process.wait()
        deadline = time.monotonic() + 60
        while _processes(folder) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _processes(folder) == []
    assert until(lambda: _is_free(port))
    # The folder is not locked by a stack that lives.
    with reserved(folder / "work" / ".local"):
        remove_leftovers(folder / "temporary", "invoicing-")
    assert _nothing_is_left(folder)


def _is_free(port: int | None) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def test_two_stacks_do_not_share_a_folder(folder: Path) -> None:
    with reserved(folder / "work" / ".local"):
        done = _run(folder, "local", "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"invoicing: Another stack uses the folder \.local; .*--folder\.\n", done.stderr)


@pytest.mark.parametrize("command", ["demo", "openapi"])
def test_an_output_that_cannot_be_written_is_one_clear_line(folder: Path, command: str) -> None:
    for output in ("missing/file", "."):
        done = _run(folder, command, "--output", output)
        assert (done.returncode, done.stdout) == (1, "")
        assert re.fullmatch(r"invoicing: .*folder.*\n", done.stderr)


def test_a_port_in_use_is_one_clear_line(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "local", "--port", str(port)],
            cwd=folder / "work",
            env=_environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(rf"invoicing: Port {port} .*\n", done.stderr)
    assert _nothing_is_left(folder)


def test_a_missing_tool_is_one_clear_line(folder: Path) -> None:
    # An interpreter without the tools beside it, and nothing on the path.
    program = (
        "import sys; sys.executable = '/nowhere/python'; from infra.local import cli; sys.exit(cli.main(['demo']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder / "work",
        env=_environment(folder) | {"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "invoicing: node is not installed; `uv sync` brings it.\n"
    assert _nothing_is_left(folder)


def test_the_openapi_document_is_printed_or_written(folder: Path) -> None:
    printed = subprocess.run(
        [*COMMAND, "openapi"], cwd=folder / "work", env=_environment(folder), capture_output=True, check=True
    )
    subprocess.run(
        [*COMMAND, "openapi", "--output", "openapi.json"], cwd=folder / "work", env=_environment(folder), check=True
    )
    assert (folder / "work" / "openapi.json").read_bytes() == printed.stdout
    assert json.loads(printed.stdout)["info"]["title"] == "Invoicing API"
