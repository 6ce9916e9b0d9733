"""Requests to webhook endpoints: the address that was checked, the certificate, the time, the size."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from invoicing.webhooks import outgoing
from invoicing.webhooks.addresses import Targets
from invoicing.webhooks.outgoing import WebhookOutcome, post
from tests.unit.test_webhook_addresses import HOSTILE_ADDRESSES, HOSTILE_URLS

NAME = "hooks.example.com"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
Handle = Callable[[ssl.SSLSocket], None]


def certificate(folder: Path, name: str) -> Path:
    """A certificate for a name, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def tls_server(pem: Path, handle: Handle) -> Iterator[tuple[int, list[str | None]]]:
    """A server on loopback that calls `handle` with each connection. Yields its port, and the names in requests."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(raw, server_side=True) as connection:
                    handle(connection)
            except OSError:
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], names
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def answering(answer: bytes, received: list[bytes]) -> Handle:
    def handle(connection: ssl.SSLSocket) -> None:
        request = connection.recv(65_536)
        received.append(request if request.endswith(b"}") else request + connection.recv(65_536))
        connection.sendall(answer)

    return handle


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Replaces the resolver: each look-up gets the next list of addresses. Returns the names that were looked up."""

    real = socket.getaddrinfo

    def install(*answers: list[str]) -> list[str]:
        asked: list[str] = []

        def getaddrinfo(host: str, port: Any, *more: Any, **named: Any) -> list[Any]:
            if host != NAME:
                return real(host, port, *more, **named)
            asked.append(host)
            found = answers[min(len(asked), len(answers)) - 1]
            return [(None, None, 0, "", (one, port)) for one in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return install


def sent(port: int, path: str = "/in?a=b") -> WebhookOutcome:
    targets = Targets(frozenset({port}), loopback=True)
    return post(f"https://{NAME}:{port}{path}", '{"a":1}', {"webhook-id": "evt_1"}, targets, NOW)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate of the receiver, which this machine trusts."""
    pem = certificate(tmp_path, NAME)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    return pem


def test_the_checked_address_is_asked_under_its_name(trusted: Path, resolve: Callable[..., list[str]]) -> None:
    # The second answer of the resolver is never used: the connection goes to the address that was checked.
    asked = resolve(["127.0.0.1"], ["127.0.0.9"])
    received: list[bytes] = []
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\nSet-Cookie: a=b\r\n\r\n" + b"x" * 3_000
    with tls_server(trusted, answering(answer, received)) as (port, names):
        outcome = sent(port)
    assert outcome.attempt.status_code == 200
    assert outcome.attempt.response == "x" * 2_048
    assert (asked, names) == ([NAME], [NAME])
    head, _, body = received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /in?a=b HTTP/1.1\r\n")
    assert f"\r\nHost: {NAME}:{port}\r\n".encode() in head
    assert b"Cookie" not in head
    assert body == b'{"a":1}'


@pytest.mark.parametrize("problem", ["another name", "unknown issuer"])
def test_a_wrong_certificate_ends_the_attempt(
    problem: str, trusted: Path, tmp_path: Path, resolve: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(["127.0.0.1"])
    other = certificate(tmp_path, "other.example.com" if problem == "another name" else "x.example.com")
    if problem == "another name":
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
    received: list[bytes] = []
    with tls_server(other, answering(b"HTTP/1.1 200 OK\r\n\r\n", received)) as (port, _):
        outcome = sent(port)
    assert (outcome.attempt.status_code, outcome.attempt.error) == (None, "tls_failed")
    assert b"".join(received) == b""


def test_a_redirect_is_an_answer_and_is_not_followed(trusted: Path, resolve: Callable[..., list[str]]) -> None:
    resolve(["127.0.0.1"])
    received: list[bytes] = []
    answer = b"HTTP/1.1 307 Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    with tls_server(trusted, answering(answer, received)) as (port, _):
        outcome = sent(port)
    assert (outcome.attempt.status_code, outcome.attempt.succeeded, len(received)) == (307, False, 1)


@pytest.mark.parametrize("part", ["header", "body", "nothing"])
def test_a_slow_receiver_is_left_after_fifteen_seconds(
    part: str, trusted: Path, resolve: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "ALL_SECONDS", 0.4)
    resolve(["127.0.0.1"])

    def drip(connection: ssl.SSLSocket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if part == "body" else b""))
        for _ in range(20):
            time.sleep(0.1)
            connection.sendall(b"" if part == "nothing" else b"x")

    with tls_server(trusted, drip) as (port, _):
        began = time.monotonic()
        outcome = sent(port)
    assert (outcome.attempt.status_code, outcome.attempt.error) == (None, "timeout")
    assert time.monotonic() - began < 1.5


def test_no_hostile_url_or_rebound_name_is_connected(
    resolve: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    public = Targets(frozenset({443}))
    resolve(["127.0.0.1"])
    assert len(HOSTILE_URLS) >= 40
    for url in HOSTILE_URLS:
        assert post(url, "{}", {}, public, NOW).attempt.error == "url_not_allowed", url
    for address in HOSTILE_ADDRESSES:
        resolve(["8.8.8.8", address])
        assert post(f"https://{NAME}/", "{}", {}, public, NOW).attempt.error == "url_not_allowed", address


def test_an_unknown_name_and_a_closed_port_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    local = Targets(frozenset({443}), loopback=True)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert post(f"http://localhost:{port}/", "{}", {}, local, NOW).attempt.error == "connection_failed"

    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert post(f"https://{NAME}/", "{}", {}, local, NOW).attempt.error == "name_not_resolved"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(None, None), ("120", 120), ("Tue, 10 Mar 2026 13:00:00 GMT", 3_600), ("soon", None), ("9" * 40, 10**6)],
)
def test_retry_after_is_seconds_or_a_date(asked: str | None, seconds: int | None) -> None:
    found = outgoing._wait(asked, NOW)
    assert found == (None if seconds is None else timedelta(seconds=seconds))
