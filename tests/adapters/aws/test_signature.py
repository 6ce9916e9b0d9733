"""What is signed here is signed as botocore signs it, to the letter."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, quote, urlsplit

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4PostAuth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.adapters.aws.request import Request
from invoicing.adapters.aws.signature import Scope, encoded, form, presigned, signed
from invoicing.config import Credentials

NOW = datetime(2026, 3, 10, 12, 30, 5, tzinfo=UTC)
PRINTED = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
ANY = st.text(st.characters(codec="utf-8"), max_size=20)
TOLD = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30)
NAMES = st.from_regex(r"x-amz-meta-[a-z0-9-]{1,15}", fullmatch=True)
CREDENTIALS = st.builds(Credentials, PRINTED, PRINTED, st.none() | PRINTED)


@contextmanager
def same_moment() -> Iterator[None]:
    """Botocore's clock at that moment."""
    with patch.object(botocore.auth, "get_current_datetime", lambda **_: NOW.replace(tzinfo=None)):
        yield


def theirs(who: Credentials) -> Any:
    return SimpleNamespace(access_key=who.access_key, secret_key=who.secret_key, token=who.session_token)


@given(CREDENTIALS, st.sampled_from(["dynamodb", "ses", "s3"]), ANY, st.dictionaries(NAMES, TOLD), st.binary())
def test_a_request_is_signed_as_botocore_signs_it(
    who: Credentials, service: str, key: str, headers: dict[str, str], content: bytes
) -> None:
    path = f"/{quote(key, safe='/-_.~')}" if service == "s3" else "/v2/email"
    query = {"tagging": "", "key": key} if service == "s3" else {}
    request = Request(service, "PUT", "https://a.example:8443", path, query, headers, content)
    ours = signed(request, Scope(who, "eu-central-1", service, NOW))
    url = f"{request.origin}{path}" + (f"?{encoded(query)}" if query else "")
    reference = AWSRequest("PUT", url, headers=headers, data=content)
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(theirs(who), service, "eu-central-1")
    with same_moment():
        signer.add_auth(reference)
    assert ours == {"host": "a.example:8443", **{name.lower(): value for name, value in reference.headers.items()}}


@given(CREDENTIALS, ANY, st.dictionaries(NAMES, ANY), st.integers(1, 604_800))
def test_a_url_is_signed_as_botocore_signs_it(who: Credentials, key: str, query: dict[str, str], seconds: int) -> None:
    origin, path = "https://files.s3.eu-central-1.amazonaws.com", f"/{quote(key, safe='/-_.~')}"
    ours = presigned(origin, path, query, Scope(who, "eu-central-1", "s3", NOW), seconds=seconds)
    reference = AWSRequest("GET", f"{origin}{path}" + (f"?{encoded(query)}" if query else ""))
    with same_moment():
        S3SigV4QueryAuth(theirs(who), "s3", "eu-central-1", expires=seconds).add_auth(reference)
    assert ours == dict(parse_qsl(str(urlsplit(reference.url).query), keep_blank_values=True))


@given(CREDENTIALS, st.dictionaries(NAMES, PRINTED), st.integers(1, 604_800))
def test_a_form_is_signed_as_botocore_signs_it(who: Credentials, fields: dict[str, str], seconds: int) -> None:
    conditions = [["content-length-range", 3, 3], *({name: value} for name, value in fields.items())]
    ours = form(fields, conditions, Scope(who, "eu-central-1", "s3", NOW), seconds=seconds)
    policy = json.loads(base64.b64decode(ours["policy"]))
    assert (datetime.fromisoformat(policy["expiration"]) - NOW).total_seconds() == seconds
    reference = AWSRequest("POST", "https://files.s3.eu-central-1.amazonaws.com/")
    reference.context["s3-presign-post-fields"] = dict(fields)
    reference.context["s3-presign-post-policy"] = {"expiration": policy["expiration"], "conditions": list(conditions)}
    with same_moment():
        S3SigV4PostAuth(theirs(who), "s3", "eu-central-1").add_auth(reference)
    assert ours == reference.context["s3-presign-post-fields"]


@pytest.mark.parametrize("change", ["content", "path", "query", "headers", "method"])
def test_whatever_is_changed_afterwards_was_not_signed(change: str) -> None:
    request = Request("s3", "PUT", "https://a.example", "/x", {"a": "1"}, {"content-type": "text/plain"}, b"x")
    others: dict[str, Any] = {
        "content": b"y", "path": "/y", "query": {"a": "2"}, "headers": {"content-type": "text/html"}, "method": "POST"
    }  # fmt: skip
    scope = Scope(Credentials("a", "b", None), "eu-central-1", "s3", NOW)
    before = signed(request, scope)["authorization"]
    assert signed(request._replace(**{change: others[change]}), scope)["authorization"] != before
