"""HTTP to AWS, over connections that the next call uses again."""

import select
import ssl
import time
from collections.abc import Mapping
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from invoicing.adapters.aws.errors import NoAnswer, NotSent

CONNECT_SECONDS = 1
KEPT_SECONDS = 15
"""After a longer rest a connection is not used again: to a worker that was frozen nobody told that it had ended."""
_ROOTS = Path(__file__).with_name("amazon_roots.pem")
_resting: dict[str, list[tuple[float, HTTPConnection]]] = {}
"""Open connections that nobody uses at the moment, by origin, each with the time it came to rest."""


class Reply(NamedTuple):
    """An answer as it came; the names of its headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def exchange(
    method: str, origin: str, target: str, headers: Mapping[str, str], content: bytes, *, seconds: float
) -> Reply:
    """Send a request and read its answer, whatever status that has; no part of it may take longer than so long."""
    connection = _rested(origin) or _connected(origin)
    try:
        connection.sock.settimeout(seconds)
        whole = _sent(connection, method, target, headers, content)
        answer = connection.getresponse()
        received = {name.lower(): value for name, value in answer.headers.items()}
        reply = Reply(answer.status, received, answer.read())
    except (OSError, HTTPException) as error:
        connection.close()
        raise NoAnswer(f"{origin}: {type(error).__name__} {error}") from error
    if whole and not answer.will_close:
        _resting.setdefault(origin, []).append((time.time(), connection))
    else:
        connection.close()
    return reply


@cache
def amazon() -> ssl.SSLContext:
    """Trust in Amazon's own roots, from which it certifies its services (https://www.amazontrust.com/repository/).

    To read all that the system trusts would be a fifth of what a worker's start computes.
    """
    return ssl.create_default_context(cafile=_ROOTS)


@cache
def _system() -> ssl.SSLContext:
    return ssl.create_default_context()


def _sent(connection: HTTPConnection, method: str, target: str, headers: Mapping[str, str], content: bytes) -> bool:
    """Whether all of a request was taken. S3 answers what it refuses before it has read a large file to its end."""
    # Of a file each block has its own time to go out; bytes would have one for all of them.
    body, length = (BytesIO(content), {"content-length": str(len(content))}) if content else (None, {})
    try:
        connection.request(method, target, body, {**headers, **length})
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def _rested(origin: str) -> HTTPConnection | None:
    """A connection at rest that the other side has not closed meanwhile: then there would be its end to read."""
    waiting = _resting.get(origin, [])
    while waiting:
        since, connection = waiting.pop()
        if time.time() - since < KEPT_SECONDS and not select.select([connection.sock], [], [], 0)[0]:
            return connection
        connection.close()
    return None


def _connected(origin: str) -> HTTPConnection:
    scheme, _, address = origin.partition("://")
    try:
        if scheme == "http":
            return _opened(HTTPConnection(address, timeout=CONNECT_SECONDS))
        try:
            return _opened(HTTPSConnection(address, timeout=CONNECT_SECONDS, context=amazon()))
        except ssl.SSLCertVerificationError:
            # Elsewhere than in AWS's usual regions others may certify it: whom else the system trusts.
            return _opened(HTTPSConnection(address, timeout=CONNECT_SECONDS, context=_system()))
    except OSError as error:
        raise NotSent(f"{origin}: {type(error).__name__} {error}") from error


def _opened(connection: HTTPConnection) -> HTTPConnection:
    connection.connect()
    return connection
