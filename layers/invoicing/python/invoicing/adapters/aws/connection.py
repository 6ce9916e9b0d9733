"""HTTP to AWS, over connections that the next call uses again."""

import select
import ssl
from collections.abc import Mapping
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import NamedTuple

from invoicing.adapters.aws.errors import NoAnswer, NotSent

CONNECT_SECONDS = 1
_ROOTS = Path(__file__).with_name("amazon_roots.pem")
_kept: dict[str, list[HTTPConnection]] = {}
"""Open connections that nobody uses at the moment, by origin."""


class Reply(NamedTuple):
    """An answer as it came; the names of its headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def exchange(
    method: str, origin: str, target: str, headers: Mapping[str, str], content: bytes, *, seconds: float
) -> Reply:
    """Send a request and wait so long for its answer, whatever status that has."""
    connection = _open(origin) or _connected(origin)
    try:
        connection.sock.settimeout(seconds)
        connection.request(method, target, content or None, dict(headers))
        answer = connection.getresponse()
        received = {name.lower(): value for name, value in answer.headers.items()}
        reply = Reply(answer.status, received, answer.read())
    except (OSError, HTTPException) as error:
        connection.close()
        raise NoAnswer(f"{origin}: {type(error).__name__} {error}") from error
    if answer.will_close:
        connection.close()
    else:
        _kept.setdefault(origin, []).append(connection)
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


def _open(origin: str) -> HTTPConnection | None:
    """A kept connection that the other side has not closed meanwhile: then there would be its end to read."""
    waiting = _kept.get(origin, [])
    while waiting:
        connection = waiting.pop()
        if not select.select([connection.sock], [], [], 0)[0]:
            return connection
        connection.close()
    return None


def _connected(origin: str) -> HTTPConnection:
    scheme, _, address = origin.partition("://")
    try:
        if scheme == "http":
            return _connect(HTTPConnection(address, timeout=CONNECT_SECONDS))
        try:
            return _connect(HTTPSConnection(address, timeout=CONNECT_SECONDS, context=amazon()))
        except ssl.SSLCertVerificationError:
            # Elsewhere than in AWS's usual regions others may certify it: whom else the system trusts.
            return _connect(HTTPSConnection(address, timeout=CONNECT_SECONDS, context=_system()))
    except OSError as error:
        raise NotSent(f"{origin}: {type(error).__name__} {error}") from error


def _connect(connection: HTTPConnection) -> HTTPConnection:
    connection.connect()
    return connection
