"""A worker that Lambda resumed from a snapshot shares neither random state nor connections with the others."""

import json
import random
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import snapshot_restore_py as snapshots  # type: ignore[import-untyped]

from invoicing.aws import clients
from invoicing.http.warm import renew_after_restore, started


@pytest.fixture
def _hooks() -> Iterator[None]:
    """Registered hooks belong to one test."""
    before = list(snapshots.get_after_restore())
    yield
    snapshots.get_after_restore()[:] = before


@pytest.mark.usefixtures("_hooks")
@pytest.mark.parametrize(("kind", "registered"), [("snap-start", True), ("on-demand", False)])
def test_the_hook_is_registered_where_lambda_takes_a_snapshot(
    monkeypatch: pytest.MonkeyPatch, kind: str, registered: bool
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "invoicing-test-get_invoice")
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)
    started([])
    hooks = [hook for hook, *_ in snapshots.get_after_restore()]
    assert (renew_after_restore in hooks) is registered


def test_workers_of_one_snapshot_draw_different_numbers() -> None:
    snapshot = random.getstate()
    drawn = set()
    for _ in range(3):
        random.setstate(snapshot)
        renew_after_restore()
        drawn.add(random.random())
    assert len(drawn) == 3


def test_openssl_gets_fresh_entropy_before_it_draws_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[bytes] = []
    monkeypatch.setattr(ssl, "RAND_add", lambda entropy, _: added.append(entropy))
    for _ in range(2):
        renew_after_restore()
    assert [len(entropy) for entropy in added] == [48, 48]
    assert added[0] != added[1]


class _Table(ThreadingHTTPServer):
    """Responds as DynamoDB does if an item does not exist, and counts connections."""

    connections = 0

    def get_request(self) -> tuple[object, object]:  # type: ignore[override]
        self.connections += 1
        return super().get_request()


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Table]:
    """A table behind a real connection."""
    server = _Table(("127.0.0.1", 0), _Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    clients.reset()
    yield server
    clients.reset()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_resumed_worker_opens_new_connections(table: _Table) -> None:
    def read() -> None:
        clients.client("dynamodb").get_item(TableName="t", Key={"PK": {"S": "p"}})

    before = clients.client("dynamodb")
    read()
    read()
    assert table.connections == 1
    renew_after_restore()
    read()
    assert table.connections == 2
    assert clients.client("dynamodb") is before
