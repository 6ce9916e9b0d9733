"""Cursors: the position where a list continues.

Opaque, signed, and valid for one tenant and one set of filters only.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from invoicing.core.errors import Invalid

_MAC_BYTES = 16


def sign(position: str, *, bound_to: Any, secret: str) -> str:
    """A cursor for a position; `bound_to` is the tenant, the operation and the filters that it is valid for."""
    return base64.urlsafe_b64encode(_mac(position, bound_to, secret) + position.encode()).decode().rstrip("=")


def verify(cursor: str, *, bound_to: Any, secret: str) -> str:
    """The position in a cursor. Refuses a cursor that was changed or made for another list."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        mac, position = raw[:_MAC_BYTES], raw[_MAC_BYTES:].decode()
    except (binascii.Error, ValueError):
        raise _unusable() from None
    if not hmac.compare_digest(mac, _mac(position, bound_to, secret)):
        raise _unusable()
    return position


def _mac(position: str, bound_to: Any, secret: str) -> bytes:
    message = json.dumps([bound_to, position], sort_keys=True, default=str).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()[:_MAC_BYTES]


def _unusable() -> Invalid:
    return Invalid("The cursor does not belong to this list.", pointer="?cursor")
