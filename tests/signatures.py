"""Where something signed with the service's credentials may stand: in the redirect to a file, in a form to upload one.

Whoever has it may do what it says until it ends. Every answer, event, mail and item of the whole suite is looked at.
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
    """What shows that something in here is signed."""
    found = _SIGNED.search(what if isinstance(what, str) else repr(_unpacked(what)))
    return found and found[0]


def _unpacked(what: object) -> object:
    """The same with what is compressed in it, as stored contents and kept answers are, as it reads."""
    if isinstance(what, Mapping):
        return {name: _unpacked(value) for name, value in what.items()}
    if isinstance(what, list | tuple):
        return [_unpacked(value) for value in what]
    if isinstance(what, bytes):
        with suppress(zlib.error):
            return zlib.decompress(what)
    return what


def require_no_more_than_is_needed(status: int, headers: Mapping[str, str], text: str) -> None:
    """Only what leads on to a file is a signed URL, only what uploads one a signed form; both end soon."""
    rest = dict(headers)
    if status == 302:
        require_short_lived(rest.pop("Location"))
    if headers.get("Content-Type") == "application/json":
        body = json.loads(text)
        if isinstance(body, dict) and body.get("object") == "upload" and body["fields"]:
            _require_short_form(body.pop("fields"))
            text = json.dumps(body)
    assert signed(text) is None
    assert signed(rest) is None


def require_short_lived(url: str) -> None:
    """A URL that is signed in the present way and ends within five minutes."""
    query = parse_qs(urlsplit(url).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert 0 < int(query["X-Amz-Expires"][0]) <= MOST_SECONDS


def _require_short_form(fields: Mapping[str, Any]) -> None:
    # What signs goes by the clock of the machine.
    now = datetime.now(UTC)
    policy = json.loads(base64.b64decode(fields["policy"]))
    assert datetime.fromisoformat(policy["expiration"]) <= now + timedelta(seconds=MOST_SECONDS)
