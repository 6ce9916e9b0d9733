"""Objects in S3, each identified by bucket and key."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

from invoicing.aws.clients import ATTEMPTS, client
from invoicing.aws.errors import ClientError, already_stored

_BODY_LOST = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)


class Location(NamedTuple):
    """The place of an object."""

    bucket: str
    key: str


class Lock(NamedTuple):
    """An object's lock (S3 Object Lock): until this time its version can be neither deleted nor replaced."""

    mode: str
    until: datetime


def put_new(
    location: Location, content: bytes, content_type: str, metadata: Mapping[str, str], lock: Lock | None = None
) -> bool:
    """Store an object; False if there already is one, which stays. A lock needs `Grant.RETAIN_FILES`."""
    try:
        client("s3").put_object(
            Bucket=location.bucket,
            Key=location.key,
            Body=content,
            ContentType=content_type,
            Metadata=metadata,
            IfNoneMatch="*",
            **({} if lock is None else _locked(content, lock)),
        )
    except ClientError as error:
        if not already_stored(error):
            raise
        return False
    return True


def _locked(content: bytes, lock: Lock) -> dict[str, Any]:
    # S3 requires a checksum beside a lock.
    checksum = b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    return {"ObjectLockMode": lock.mode, "ObjectLockRetainUntilDate": lock.until, "ContentMD5": checksum}


def get(location: Location) -> bytes:
    """The whole content of an object."""
    for _ in range(ATTEMPTS - 1):
        try:
            return _read(location)
        except _BODY_LOST:
            # botocore retries until the headers arrive; the body is read after that.
            continue
    return _read(location)


def _read(location: Location) -> bytes:
    return client("s3").get_object(Bucket=location.bucket, Key=location.key)["Body"].read()


def metadata(location: Location) -> Mapping[str, str]:
    """The metadata that an object was stored with."""
    return client("s3").head_object(Bucket=location.bucket, Key=location.key)["Metadata"]


def tags(location: Location) -> Mapping[str, str]:
    """The tags of an object."""
    found = client("s3").get_object_tagging(Bucket=location.bucket, Key=location.key)
    return {tag["Key"]: tag["Value"] for tag in found["TagSet"]}


def delete(location: Location) -> None:
    """Delete an object; in a versioned bucket it is only hidden."""
    client("s3").delete_object(Bucket=location.bucket, Key=location.key)


def presigned_url(location: Location, response: Mapping[str, str], *, seconds: int) -> str:
    """A URL that opens an object for this number of seconds.

    `response` overrides headers (`ResponseContentType` etc.).
    """
    params = {"Bucket": location.bucket, "Key": location.key, **response}
    return client("s3").generate_presigned_url("get_object", Params=params, ExpiresIn=seconds)


def presigned_form(
    location: Location, fields: Mapping[str, str], conditions: Sequence[Any], *, seconds: int
) -> tuple[str, dict[str, str]]:
    """URL and fields of an HTML form that stores an object under these conditions, for this number of seconds."""
    form = client("s3").generate_presigned_post(
        location.bucket, location.key, Fields=dict(fields), Conditions=list(conditions), ExpiresIn=seconds
    )
    return form["url"], form["fields"]
