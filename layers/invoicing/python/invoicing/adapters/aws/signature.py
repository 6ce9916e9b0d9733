"""Signature Version 4: how AWS knows who asks, and that nobody changed what is asked.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from invoicing.config import Credentials

if TYPE_CHECKING:
    from invoicing.adapters.aws.request import Request

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"


class Scope(NamedTuple):
    """For whom a signature speaks, and where and when it is good."""

    who: Credentials
    region: str
    service: str
    at: datetime

    @property
    def moment(self) -> str:
        """The time of signing."""
        return f"{self.at:%Y%m%dT%H%M%SZ}"

    @property
    def place(self) -> str:
        """What the signing key is good for."""
        return f"{self.at:%Y%m%d}/{self.region}/{self.service}/aws4_request"

    @property
    def credential(self) -> str:
        """Whose key it is, and what it is good for."""
        return f"{self.who.access_key}/{self.place}"


def host_of(origin: str) -> str:
    """The host at an origin, with its port where that is not the usual one."""
    return origin.partition("://")[2]


def signed(request: "Request", scope: Scope) -> dict[str, str]:
    """The headers of a request, and those that sign all of it."""
    digest = hashlib.sha256(request.content).hexdigest()
    every = {**request.headers, "host": host_of(request.origin), "x-amz-date": scope.moment}
    if scope.service == "s3":
        every["x-amz-content-sha256"] = digest
    if scope.who.session_token:
        every["x-amz-security-token"] = scope.who.session_token
    names, signature = _of_request(request.method, request.path, request.query, every, digest, scope)
    every["authorization"] = f"{_ALGORITHM} Credential={scope.credential}, SignedHeaders={names}, Signature={signature}"
    return every


def presigned(origin: str, path: str, query: Mapping[str, str], scope: Scope, *, seconds: int) -> dict[str, str]:
    """The query of a URL by which anybody can GET what is there for so long, and no longer than the role's session."""
    every = {
        **query,
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": scope.credential,
        "X-Amz-Date": scope.moment,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    if scope.who.session_token:
        every["X-Amz-Security-Token"] = scope.who.session_token
    _, signature = _of_request("GET", path, every, {"host": host_of(origin)}, _UNSIGNED, scope)
    return every | {"X-Amz-Signature": signature}


def form(fields: Mapping[str, str], conditions: Sequence[Any], scope: Scope, *, seconds: int) -> dict[str, str]:
    """The fields of a form that lets whoever has it POST what fits the conditions, for so long."""
    who = {"x-amz-algorithm": _ALGORITHM, "x-amz-credential": scope.credential, "x-amz-date": scope.moment}
    if scope.who.session_token:
        who["x-amz-security-token"] = scope.who.session_token
    policy = {
        "expiration": f"{scope.at + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}",
        "conditions": [*conditions, *({name: value} for name, value in who.items())],
    }
    told = base64.b64encode(json.dumps(policy).encode()).decode()
    return {**fields, **who, "policy": told, "x-amz-signature": _hmac(_key(scope), told).hex()}


def encoded(query: Mapping[str, str]) -> str:
    """A query string as it is signed: in order, all but unreserved letters escaped."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))


def _of_request(
    method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], digest: str, scope: Scope
) -> tuple[str, str]:
    """The names of the headers that are signed, and the signature."""
    names = sorted(headers)
    signed_names = ";".join(names)
    listed = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    request = "\n".join((method, path, encoded(query), listed, signed_names, digest))
    hashed = hashlib.sha256(request.encode()).hexdigest()
    return signed_names, _hmac(_key(scope), "\n".join((_ALGORITHM, scope.moment, scope.place, hashed))).hex()


def _key(scope: Scope) -> bytes:
    return _key_for(scope.who.secret_key, scope.place)


@lru_cache(maxsize=8)
def _key_for(secret: str, place: str) -> bytes:
    """The key that signs on one day in one region for one service."""
    key = f"AWS4{secret}".encode()
    for part in place.split("/"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
