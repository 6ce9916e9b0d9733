"""Requests to webhook endpoints. The connection goes to an address that was checked, and to no other.

No redirect is followed, no proxy is used and no cookie is kept.
"""

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Final, NamedTuple, Self
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError, SSLError
from urllib3.util.ssl_match_hostname import CertificateError

from invoicing.webhooks.addresses import IpAddress, Targets, first_allowed
from invoicing.webhooks.delivery import WebhookAttempt
from invoicing.webhooks.errors import UrlNotAllowed

CONNECT_SECONDS: Final = 5.0
ALL_SECONDS: Final = 15.0
SHOWN_BYTES: Final = 2_048
_TIMED_OUT = (TimeoutError, ConnectTimeoutError, ReadTimeoutError)


class WebhookOutcome(NamedTuple):
    """An attempt, and the wait that the receiver asks for (`Retry-After`)."""

    attempt: WebhookAttempt
    retry_after: timedelta | None = None


def post(url: str, body: str, headers: Mapping[str, str], targets: Targets, at: datetime) -> WebhookOutcome:
    """Send a delivery to its endpoint once. Every failure is an outcome."""
    began = time.monotonic()
    found = _Response()
    error: str | None = None
    try:
        found = _posted(url, body.encode(), headers, targets)
    except (UrlNotAllowed, OSError, HTTPError, HTTPException, CertificateError, UnicodeError) as failure:
        timed_out = time.monotonic() - began >= ALL_SECONDS
        error = "timeout" if timed_out else _name(failure)
    duration = round((time.monotonic() - began) * 1_000)
    attempt = WebhookAttempt(
        at=at, status_code=found.status, error=error, duration_ms=duration, response=found.text or None
    )
    return WebhookOutcome(attempt, _wait(found.retry_after, at))


class _Response(NamedTuple):
    status: int | None = None
    text: str = ""
    retry_after: str | None = None


def _posted(url: str, body: bytes, headers: Mapping[str, str], targets: Targets) -> _Response:
    targets.require_allowed(url)
    parts = urlsplit(url)
    connection = _connection(parts, first_allowed(_resolved(parts), targets))
    with _Deadline(connection) as deadline:
        connection.connect()
        deadline.watch(connection.sock)
        path = parts.path or "/"
        connection.request(
            "POST",
            f"{path}?{parts.query}" if parts.query else path,
            body=body,
            headers={
                "Host": parts.netloc,
                "Content-Type": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "invoicing-webhooks/1",
                **headers,
            },
            preload_content=False,
            decode_content=False,
        )
        response = connection.getresponse()
        text = response.read(SHOWN_BYTES, decode_content=False).decode("utf-8", "replace").replace("\0", "")
        deadline.require_kept()
        return _Response(response.status, text, response.headers.get("Retry-After"))


def _resolved(parts: SplitResult) -> list[IpAddress]:
    """All addresses of the host, at this moment."""
    found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(one[4][0])) for one in found]


def _connection(parts: SplitResult, address: IpAddress) -> HTTPConnection:
    """A connection to an address. The certificate has to be that of the name in the URL."""
    if parts.scheme == "http":  # The embedded stack alone allows it.
        return HTTPConnection(str(address), parts.port or 80, timeout=CONNECT_SECONDS)
    return HTTPSConnection(
        str(address),
        parts.port or 443,
        timeout=CONNECT_SECONDS,
        cert_reqs="CERT_REQUIRED",
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
    )


class _Deadline:
    """The end of an attempt. It breaks the connection to a receiver that responds byte by byte."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        self._socket: socket.socket | None = None
        self._over = threading.Event()
        self._timer = threading.Timer(ALL_SECONDS, self._break)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._connection.close()

    def watch(self, connected: socket.socket | None) -> None:
        """Watch a socket: the connection forgets its own while the last response is read."""
        self._socket = connected
        if connected is not None:
            connected.settimeout(ALL_SECONDS)

    def require_kept(self) -> None:
        """Refuse a response that was cut off by the end."""
        if self._over.is_set():
            raise TimeoutError

    def _break(self) -> None:
        self._over.set()
        connected = self._socket or self._connection.sock
        if connected is not None:
            with suppress(OSError):
                # Below TLS: that of `SSLSocket` would let the other thread go on without encryption.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _name(failure: Exception) -> str:
    if isinstance(failure, UrlNotAllowed):
        return "url_not_allowed"
    if isinstance(failure, socket.gaierror | UnicodeError):
        return "name_not_resolved"
    # urllib3 counts a refused connection as one that timed out.
    if isinstance(failure, _TIMED_OUT) and not isinstance(failure, NewConnectionError):
        return "timeout"
    # urllib3 wraps an error of TLS; while the connection is made, it is that of the `ssl` module.
    if isinstance(failure, SSLError | CertificateError) or type(failure).__module__ == "ssl":
        return "tls_failed"
    return "invalid_response" if isinstance(failure, HTTPException) else "connection_failed"


def _wait(asked: str | None, at: datetime) -> timedelta | None:
    """The wait in a `Retry-After`: seconds, or a date of HTTP."""
    if not asked:
        return None
    if asked.strip().isdecimal():
        return timedelta(seconds=min(int(asked.strip()[:9]), 10**6))
    try:
        moment = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - at
