"""Files in S3: stored once under their hash, and downloaded through short-lived links."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final, NamedTuple, Self

from invoicing import config
from invoicing.aws import s3
from invoicing.aws.errors import ClientError, head_missing, object_missing
from invoicing.core.stored_file import content_disposition

PRESIGNED_SECONDS = 300
"""Seconds. A URL that a role signed expires with the session of the role, so no URL is valid longer."""


TEMPORARY: Final[Mapping[str, str]] = {"temporary": "true"}
"""The owner of a file that no record refers to and only a presigned URL opens."""


def key_of(tenant: str, file_id: str, sha256: str) -> str:
    """The key of a file, which never contains a name that a person chose."""
    return f"{tenant}/{file_id}/{sha256}"


def location(key: str) -> s3.Location:
    """A place in the bucket for files."""
    return s3.Location(config.setting("FILES_BUCKET"), key)


class FileKey(NamedTuple):
    """The parts of a stored file's key."""

    tenant_id: str
    file_id: str
    sha256: str

    @classmethod
    def of(cls, key: str) -> Self:
        """The parts of such a key."""
        return cls(*key.split("/"))


def store_once(
    tenant: str,
    file_id: str,
    content: bytes,
    content_type: str,
    *,
    owner: Mapping[str, str],
    issued: date | None = None,
) -> str:
    """Store a file under its SHA-256 and return that; storing the same again changes nothing.

    `owner`: the ids of the record that refers to the file once it is committed. Consumers of S3 events know only the
    object. `issued`: the issue date of a document that has to be kept; it is locked if the stage locks documents.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    lock = None if issued is None else _lock_of(issued)
    # The key is the hash of the content, so an existing object is this file.
    s3.put_new(location(key_of(tenant, file_id, sha256)), content, content_type, owner, lock)
    return sha256


def _lock_of(issued: date) -> s3.Lock | None:
    """The lock of a document, whose retention begins with the end of the calendar year of issue (§ 14b (1) UStG)."""
    retention = config.retention()
    if retention is None:
        return None
    # On the second of January, the year has ended in every time zone.
    return s3.Lock(retention.mode, datetime(issued.year + retention.years + 1, 1, 2, tzinfo=UTC))


def owner_of(file: FileKey) -> Mapping[str, str] | None:
    """The ids that a file was stored with; None if there is no such file (needs `Grant.MISS_FILES`)."""
    try:
        return s3.metadata(location(key_of(*file)))
    except ClientError as error:
        # A wrong 404 is harmless: nothing is deleted because of it.
        if head_missing(error):
            return None
        raise


def store_temporarily(tenant: str, file_id: str, content: bytes, *, name: str, content_type: str) -> str:
    """A URL for five minutes to content that is stored for it alone.

    The file is deleted with those that no record refers to, after the URL has expired.
    """
    sha256 = store_once(tenant, file_id, content, content_type, owner=TEMPORARY)
    return presigned_url(tenant, file_id, sha256, name=name, content_type=content_type)


def read(tenant: str, file_id: str, sha256: str) -> bytes:
    """A stored file. Raises an error if its content does not match its hash."""
    content = s3.get(location(key_of(tenant, file_id, sha256)))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RuntimeError(f"{file_id} is not what was stored")
    return content


def exists(tenant: str, file_id: str, sha256: str) -> bool:
    """Whether a file is stored. Needs `Grant.MISS_FILES`: without it, S3 does not report a missing file."""
    try:
        # Reads the content, because only that response proves that the file is missing.
        s3.get(location(key_of(tenant, file_id, sha256)))
    except ClientError as error:
        if object_missing(error):
            return False
        raise
    return True


def delete(tenant: str, file_id: str, sha256: str) -> None:
    """Make a file unavailable. Its bytes stay as an old version until the bucket's lifecycle removes them."""
    s3.delete(location(key_of(tenant, file_id, sha256)))


def presigned_url(tenant: str, file_id: str, sha256: str, *, name: str, content_type: str) -> str:
    """A URL that opens a file for five minutes, as an attachment of this name."""
    overrides = {
        "ResponseContentType": content_type,
        "ResponseContentDisposition": content_disposition("attachment", name),
    }
    return s3.presigned_url(location(key_of(tenant, file_id, sha256)), overrides, seconds=PRESIGNED_SECONDS)
