"""The check of signatures, which applies to all responses of the suite, finds violations."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from tests.signatures import require_no_more_than_is_needed

JSON = {"Content-Type": "application/json"}
GOOD_URL = "https://files.example/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=1&X-Amz-Expires=300"


def upload(seconds: float, **more: object) -> str:
    ends = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    policy = base64.b64encode(json.dumps({"expiration": ends}).encode()).decode()
    fields = {"policy": policy, "x-amz-signature": "1", "x-amz-security-token": "2"}
    return json.dumps({"object": "upload", "fields": fields} | more)


def test_redirects_and_upload_forms_may_be_signed() -> None:
    require_no_more_than_is_needed(302, {"Location": GOOD_URL}, "")
    require_no_more_than_is_needed(201, JSON, upload(299))
    require_no_more_than_is_needed(200, JSON, '{"url":"https://api.example/v1/downloads/abc"}')


@pytest.mark.parametrize(
    ("status", "headers", "text"),
    [
        (302, {"Location": GOOD_URL.replace("300", "301")}, ""),
        (302, {"Location": GOOD_URL.replace("AWS4", "AWS3")}, ""),
        (302, {"Location": GOOD_URL, "X-Url": GOOD_URL}, ""),
        (201, {"Location": GOOD_URL}, ""),
        (201, JSON, upload(86_400)),
        (201, JSON, upload(299, url=GOOD_URL)),
        (200, JSON, json.dumps({"object": "note", "fields": {"x-amz-signature": "1"}})),
        (200, JSON, json.dumps({"url": GOOD_URL})),
        (200, {"Content-Type": "text/html"}, "https://files.example/?AWSAccessKeyId=1&Expires=2&Signature=3"),
    ],
)
def test_any_other_signature_is_found(status: int, headers: Mapping[str, str], text: str) -> None:
    with pytest.raises(AssertionError):
        require_no_more_than_is_needed(status, headers, text)
