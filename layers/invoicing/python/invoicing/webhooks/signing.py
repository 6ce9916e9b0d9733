"""The signatures of deliveries, by the specification of Standard Webhooks (https://www.standardwebhooks.com)."""

import base64
import hmac
from collections.abc import Iterable
from datetime import datetime


def headers_of(id_: str, body: str, at: datetime, secrets: Iterable[bytes]) -> dict[str, str]:
    """The headers of an attempt. There is a signature by each secret while one replaces another."""
    timestamp = str(int(at.timestamp()))
    signatures = (signature(secret, id_, timestamp, body) for secret in secrets)
    return {"webhook-id": id_, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def signature(secret: bytes, id_: str, timestamp: str, body: str) -> str:
    """The signature of a body under its id and timestamp."""
    signed = hmac.digest(secret, f"{id_}.{timestamp}.{body}".encode(), "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"
