"""The allowed places of URLs and forms signed by the service: the redirect to a file, and the upload form.

A signature authorizes its holder until it expires. Every response, event, mail and item of the suite is checked.
"""

import base64
import json
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST_SECONDS = 300
_SIGNED = re.compile(
    r"x-amz-(?:signature|security-token|credential)|aws4-hmac-sha256|awsaccesskeyid|[?&]signature=", re.IGNORECASE
)


def signed(what: object) -> str | None:
    """The marks of signed content."""
    found = _SIGNED.search(what if isinstance(what, str) else repr(_unpacked(what)))
    return found and found[0]


def _unpacked(what: object) -> object:
    """The same with compressed parts, such as stored contents and responses, decompressed."""
    if isinstance(what, Mapping):
        return {name: _unpacked(value) for name, value in what.items()}
    if isinstance(what, list | tuple):
        return [_unpacked(value) for value in what]
    if isinstance(what, bytes):
        with suppress(zlib.error):
            return zlib.decompress(what)
    return what


def require_no_more_than_is_needed(status: int, headers: Mapping[str, str], text: str) -> None:
    """Only a redirect to a file has a signed URL, and only an upload has a signed form. Both expire soon."""
    rest = dict(headers)
    # Relative URLs lead to another page of the service.
    if status in (302, 303) and not headers["Location"].startswith("../"):
        require_short_lived(rest.pop("Location"))
    if headers.get("Content-Type") == "application/json":
        body = json.loads(text)
        if isinstance(body, dict) and body.get("object") == "upload" and body["fields"]:
            _require_short_form(body.pop("fields"))
            text = json.dumps(body)
    assert signed(text) is None
    assert signed(rest) is None


def require_short_lived(url: str) -> None:
    """A URL with the current kind of signature that expires within five minutes."""
    query = parse_qs(urlsplit(url).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert 0 < int(query["X-Amz-Expires"][0]) <= MOST_SECONDS


def _require_short_form(fields: Mapping[str, Any]) -> None:
    # Signatures use the clock of the machine.
    now = datetime.now(UTC)
    policy = json.loads(base64.b64decode(fields["policy"]))
    assert datetime.fromisoformat(policy["expiration"]) <= now + timedelta(seconds=MOST_SECONDS)
