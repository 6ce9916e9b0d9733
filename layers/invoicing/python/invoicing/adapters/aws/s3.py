"""Objects in S3, by its REST protocol. Each is known by bucket and key."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

from invoicing import config
from invoicing.adapters.aws.connection import Reply
from invoicing.adapters.aws.errors import AwsError
from invoicing.adapters.aws.request import Request, answer_to, origin, scope_now
from invoicing.adapters.aws.signature import encoded, form, presigned

_WHY = re.compile(r"<(Code|Message)>([^<]+)</")
_SAID = "x-amz-meta-"


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
    # Only who looks after malware reads XML.
    from xml.etree import ElementTree

    found = ElementTree.fromstring(ask("GetObjectTagging", "GET", location, query={"tagging": ""}).content)  # noqa: S314 — it is AWS's
    return {tag.findtext("{*}Key", ""): tag.findtext("{*}Value", "") for tag in found.iterfind(".//{*}Tag")}


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


def missing(error: AwsError) -> bool:
    """Whether S3 says that there is no such object. Without leave to list a bucket it would only say "denied"."""
    return error.code in {"NoSuchKey", "404"}


def ask(operation: str, method: str, location: Location, **said: Any) -> Reply:
    """What S3 answers to a request (its `query`, `headers`, `content`). `operation` is the name that IAM has for it."""
    request = Request("s3", method, location.origin, location.path, **said)
    return answer_to(request, partial(_refusal, operation))


def _refusal(operation: str, reply: Reply) -> AwsError:
    # A HEAD is refused without a word.
    why = dict(_WHY.findall(reply.content.decode("utf-8", "replace")))
    code = why.get("Code", str(reply.status))
    return AwsError(operation, reply.status, code, why, reply.headers.get("x-amz-request-id", ""))
