"""Objects in S3, by its REST protocol. Each is known by bucket and key."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from invoicing import config
from invoicing.adapters.aws.connection import Reply
from invoicing.adapters.aws.errors import AwsError
from invoicing.adapters.aws.request import Request, answer_to, origin, scope_now
from invoicing.adapters.aws.signature import encoded, form, presigned

_CODE = re.compile(rb"<Code>([^<]+)</Code>")
MISSING = 404
"""The status where there is no such object. Without leave to list a bucket S3 only says that it is denied."""
_SAID = "x-amz-meta-"
_NOTHING: Mapping[str, str] = MappingProxyType({})
_TAG = re.compile(r"<Tag><Key>([^<]*)</Key><Value>([^<]*)</Value></Tag>")


class Location(NamedTuple):
    """Where an object lies."""

    bucket: str
    key: str

    @property
    def origin(self) -> str:
        """The bucket's own host; the embedded stack has but one, which is an address."""
        return origin("s3") if config.aws_endpoint() else origin(f"{self.bucket}.s3")

    @property
    def path(self) -> str:
        """The path on that host."""
        key = quote(self.key, safe="/-_.~")
        return f"/{self.bucket}/{key}" if config.aws_endpoint() else f"/{key}"


def put(location: Location, content: bytes, headers: Mapping[str, str], said: Mapping[str, str]) -> None:
    """Store an object with what is said of it."""
    of_it = {_SAID + name: value for name, value in said.items()}
    ask("PutObject", "PUT", location, headers={**headers, **of_it}, content=content)


def get(location: Location) -> bytes:
    """An object, whole."""
    return ask("GetObject", "GET", location).content


def metadata(location: Location) -> Mapping[str, str]:
    """What was said of an object when it was stored."""
    headers = ask("HeadObject", "HEAD", location).headers
    return {name.removeprefix(_SAID): value for name, value in headers.items() if name.startswith(_SAID)}


def tags(location: Location) -> Mapping[str, str]:
    """The tags of an object."""
    found = ask("GetObjectTagging", "GET", location, query={"tagging": ""}).content.decode()
    return dict(_TAG.findall(found))


def delete(location: Location) -> None:
    """Take an object away; where versions are kept, it is only hidden."""
    ask("DeleteObject", "DELETE", location)


def presigned_url(location: Location, query: Mapping[str, str], *, seconds: int) -> str:
    """A URL by which anybody has an object for so long. `query` says how it is answered (`response-…`)."""
    signed = presigned(location.origin, location.path, query, scope_now("s3"), seconds=seconds)
    return f"{location.origin}{location.path}?{encoded(signed)}"


def presigned_form(
    location: Location, fields: Mapping[str, str], conditions: Sequence[Any], *, seconds: int
) -> tuple[str, dict[str, str]]:
    """URL and fields of a form by which anybody stores an object for so long, if it fits the conditions."""
    where = location._replace(key="")
    every = [*conditions, {"bucket": location.bucket}, {"key": location.key}]
    return where.origin + where.path, form({**fields, "key": location.key}, every, scope_now("s3"), seconds=seconds)


def ask(
    operation: str,
    method: str,
    location: Location,
    *,
    query: Mapping[str, str] = _NOTHING,
    headers: Mapping[str, str] = _NOTHING,
    content: bytes = b"",
) -> Reply:
    """What S3 answers. `operation` is the name that IAM has for it."""
    request = Request("s3", method, location.origin, location.path, query, headers, content)
    return answer_to(request, partial(_refusal, operation))


def _refusal(operation: str, reply: Reply) -> AwsError:
    # A HEAD is refused without a word.
    code = _CODE.search(reply.content)
    return AwsError(operation, reply.status, code[1].decode() if code else str(reply.status))
